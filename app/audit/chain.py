"""The chain of the audit log: whether it is whole, and the seals that tell what it was.

Each line's hash covers the hash of the line before, so that no line can be changed, taken out, put in or moved without
all that follow being written anew. A seal is the hash of a line signed with the system's key, which is not in the
database: who writes the chain anew cannot sign it, and lines cut off at the end leave a seal without its line.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.audit.models import Line, Seal
from app.db.base import table_of

_L, _S = table_of(Line), table_of(Seal)
_USE = b"amdis audit seal"
_SAID = (
    *("person_id", "name", "role", "country", "action", "kind"),
    *("object", "outcome", "detail", "address"),
)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. lines: how many there are. first_broken: number of the first that is not as it was written or not
    there, with why; None if the chain is whole. sealed_until: when the last seal was set that holds.
    """

    lines: int
    first_broken: int | None
    why: str
    sealed_until: datetime | None

    @property
    def valid(self) -> bool:
        """Whether the chain is whole."""
        return self.first_broken is None


def verify(connection: sa.Connection, secret: bytes) -> Verification:
    """Check every line against the one before, and every seal. secret: the system's key. As the application."""
    count = connection.execute(sa.select(sa.func.count()).select_from(_L)).scalar_one()
    broken = connection.execute(_FIRST_BROKEN).one_or_none()
    # Lines below the first broken one are as they were; seals of later ones tell nothing more.
    unsealed, until = _check_seals(connection, secret, broken.expected if broken else None)
    if unsealed is not None:
        return Verification(count, unsealed, "The seal of this line does not fit.", until)
    if broken is None:
        return Verification(count, None, "", until)
    if broken.number != broken.expected:
        return Verification(count, broken.expected, f"Line {broken.number} stands in its place.", until)
    return Verification(count, broken.number, "The line does not say what it said when it was written.", until)


def seal(connection: sa.Connection, secret: bytes) -> int | None:
    """Seal the newest line if it is not; its number. Writes nothing if the chain grew since by nothing."""
    newest = connection.execute(sa.select(_L.c.number, _L.c.hash).order_by(_L.c.number.desc()).limit(1)).one_or_none()
    sealed = connection.execute(sa.select(sa.func.max(_S.c.number))).scalar_one()
    if newest is None or newest.number == sealed:
        return None
    signature = _signature(secret, newest.number, newest.hash)
    connection.execute(sa.insert(_S).values(number=newest.number, signature=signature))
    return int(newest.number)


def _check_seals(connection: sa.Connection, secret: bytes, below: int | None) -> tuple[int | None, datetime | None]:
    """The number of the first seal below a number that does not fit, and when the last was set that does."""
    sealed = sa.select(_S.c.number, _S.c.at, _S.c.signature, _L.c.hash).outerjoin(_L, _L.c.number == _S.c.number)
    if below is not None:
        sealed = sealed.where(_S.c.number < below)
    until = None
    for one in connection.execute(sealed.order_by(_S.c.number)):
        expected = _signature(secret, one.number, one.hash) if one.hash is not None else b""
        if not hmac.compare_digest(expected, bytes(one.signature)):
            return one.number, until
        until = one.at
    return None, until


def _signature(secret: bytes, number: int, digest: bytes) -> bytes:
    key = hmac.digest(secret, _USE, hashlib.sha256)
    return hmac.digest(key, b"%d:%s" % (number, bytes(digest).hex().encode()), hashlib.sha256)


def _first_broken() -> sa.Select[Any]:
    """The first line that does not follow from the one before: its number and the number it should have.

    What a line says is put together here and not by the database's own function, which could be replaced.
    """
    said = sa.func.jsonb_build_array(_L.c.number, sa.extract("epoch", _L.c.at), *(_L.c[name] for name in _SAID))
    before = sa.func.coalesce(sa.func.lag(_L.c.hash).over(order_by=_L.c.number), sa.literal(b"", sa.LargeBinary))
    hashed = sa.func.sha256(before.op("||")(sa.func.convert_to(sa.cast(said, sa.Text), "UTF8")))
    checked = sa.select(
        _L.c.number,
        sa.func.row_number().over(order_by=_L.c.number).label("expected"),
        (_L.c.hash == hashed).label("fits"),
    ).subquery()
    wrong = sa.or_(checked.c.number != checked.c.expected, sa.not_(checked.c.fits))
    return sa.select(checked.c.number, checked.c.expected).where(wrong).order_by(checked.c.number).limit(1)


_FIRST_BROKEN = _first_broken()
