"""What a person has: running mandates, second factors, unread notices."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.access.actors import today
from app.access.models import Mandate, Organisation, Passkey, RecoveryCode, Totp
from app.db.base import table_of
from app.rights.policies import Policy, Reach

_M, _O = table_of(Mandate), table_of(Organisation)
_T, _K, _R = table_of(Totp), table_of(Passkey), table_of(RecoveryCode)


def mandates_today(connection: sa.Connection, person: int) -> Sequence[sa.RowMapping]:
    """The mandates a person may act under today, with the names of their organisations."""
    rows = sa.select(_M, _O.c.name.label("organisation")).join(_O, _O.c.id == _M.c.organisation_id)
    runs = sa.and_(_M.c.ended_at.is_(None), _M.c.starts <= today(), _M.c.ends >= today())
    return connection.execute(rows.where(_M.c.person_id == person, runs).order_by(_M.c.id)).mappings().all()


def second_factors(connection: sa.Connection, person: int) -> sa.Row[Any]:
    """What a person has beside a password: totp (whether confirmed), passkeys and unused recovery codes (how many)."""
    confirmed = sa.exists().where(_T.c.person_id == person, _T.c.confirmed_at.is_not(None))
    passkeys = sa.select(sa.func.count()).where(_K.c.person_id == person)
    codes = sa.select(sa.func.count()).where(_R.c.person_id == person, _R.c.used_at.is_(None))
    counted = sa.select(
        confirmed.label("totp"),
        passkeys.scalar_subquery().label("passkeys"),
        codes.scalar_subquery().label("recovery_codes"),
    )
    return connection.execute(counted).one()


def told_rights(policies: Sequence[Policy]) -> list[dict[str, Any]]:
    """Rights as the pages read them: one a kind, action and reach, with the states it is for."""
    found: dict[tuple[str, str, Reach], list[str] | None] = {}
    for one in policies:
        key = (one.kind.value, one.action.value, one.reach)
        if one.state is None:
            found[key] = None
        elif (states := found.setdefault(key, [])) is not None:
            states.append(one.state)
    return [
        {"kind": kind, "action": action, "reach": reach.name.lower(), "states": states}
        for (kind, action, reach), states in found.items()
    ]
