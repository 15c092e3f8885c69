"""Which API keys there are, as far as the asking person's connection lets them be seen."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from app.access.models import ApiKey, Mandate
from app.db.base import table_of
from app.errors import ThingNotFoundError

_K, _M = table_of(ApiKey), table_of(Mandate)

# The hash of the secret is for the application alone: a delegate's connection may not even name it.
_SHOWN = (
    *(_K.c[name] for name in ("id", "name", "start", "layers", "scopes", "created_at", "expires_at", "last_used_at")),
    *(_K.c.revoked_at, _K.c.country, _K.c.person_id.label("person")),
)


def keys(connection: sa.Connection) -> Sequence[sa.RowMapping]:
    """The keys that may be seen, the newest first."""
    return connection.execute(sa.select(*_SHOWN).order_by(_K.c.id.desc())).mappings().all()


def key(connection: sa.Connection, number: int) -> sa.RowMapping:
    """A key. Raises ThingNotFoundError."""
    row = connection.execute(sa.select(*_SHOWN).where(_K.c.id == number)).mappings().one_or_none()
    if row is None:
        raise ThingNotFoundError(f"There is no API key {number}.")
    return row


def count_alive(connection: sa.Connection, person: int) -> int:
    """How many keys of a person are neither revoked nor run out."""
    alive = sa.and_(_K.c.revoked_at.is_(None), _K.c.expires_at > sa.func.now())
    return connection.execute(sa.select(sa.func.count()).where(_K.c.person_id == person, alive)).scalar_one()


def mandate_terms(connection: sa.Connection, mandate: int) -> tuple[date, str | None]:
    """The last day and the country of a mandate."""
    row = connection.execute(sa.select(_M.c.ends, _M.c.country).where(_M.c.id == mandate)).one()
    return row.ends, row.country
