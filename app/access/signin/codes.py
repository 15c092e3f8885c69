"""Time-based one-time passwords (RFC 6238), and the codes that stand for them when the generator is lost."""

import base64
import secrets
import time

import pyotp
import segno
import sqlalchemy as sa
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.dialects.postgresql import insert

from app.access.models import RecoveryCode, Totp
from app.access.tokens import signed
from app.db.base import table_of

STEP = 30
"""Seconds a code counts."""

_AROUND = (-1, 0, 1)  # steps: a clock may be half a minute off
_CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that looks like another
_T, _R = table_of(Totp), table_of(RecoveryCode)


def new_secret() -> str:
    """A secret for a code generator, in base 32."""
    return pyotp.random_base32()


def provisioning(secret: str, email: str, site: str) -> tuple[str, str]:
    """The address that sets a code generator up, and the same as a QR code in SVG."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=site)
    picture = segno.make(uri, error="m").svg_inline(scale=4, border=2, omitsize=True, svgclass=None, lineclass=None)
    return uri, picture


def step_of(secret: str, code: str, after: int = 0) -> int | None:
    """The time step a code is of, if it is right now and later than the step of the last one; else None."""
    given = code.replace(" ", "")
    generator, now = pyotp.TOTP(secret), int(time.time()) // STEP
    for step in (now + around for around in _AROUND):
        if step > after and secrets.compare_digest(generator.generate_otp(step).encode(), given.encode()):
            return step
    return None


def keep_generator(connection: sa.Connection, key: bytes, person: int, secret: str, step: int) -> None:
    """Keep a person's code generator in place of the one before. step: that of the code it was confirmed by."""
    values = {"secret": encrypted(key, secret), "confirmed_at": sa.func.now(), "last_step": step}
    new = insert(_T).values(person_id=person, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["person_id"], set_=values))


def remove_generator(connection: sa.Connection, person: int) -> bool:
    """Remove a person's code generator; whether there was one."""
    return connection.execute(sa.delete(_T).where(_T.c.person_id == person)).rowcount == 1


def take_code(connection: sa.Connection, key: bytes, person: int, code: str) -> str | None:
    """How the person proved who they are by a code, "otp" or "recovery"; None if it is wrong or was taken before."""
    if _take_generated(connection, key, person, code):
        return "otp"
    return "recovery" if _take_recovery(connection, key, person, code) else None


def new_recovery_codes(connection: sa.Connection, key: bytes, person: int) -> list[str]:
    """New recovery codes in place of all before; they are shown once."""
    connection.execute(sa.delete(_R).where(_R.c.person_id == person))
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(_CODES)]
    rows = [{"person_id": person, "hash": _recovery_hash(key, person, code)} for code in codes]
    connection.execute(sa.insert(_R), rows)
    return codes


def encrypted(key: bytes, secret: str) -> bytes:
    """A secret under the system's key."""
    return _cipher(key).encrypt(secret.encode())


def decrypted(key: bytes, kept: bytes) -> str:
    """A secret that was encrypted under the system's key."""
    return _cipher(key).decrypt(bytes(kept)).decode()


def _take_generated(connection: sa.Connection, key: bytes, person: int, code: str) -> bool:
    kept = connection.execute(
        sa.select(_T).where(_T.c.person_id == person, _T.c.confirmed_at.is_not(None))
    ).one_or_none()
    step = step_of(decrypted(key, kept.secret), code, kept.last_step) if kept else None
    if step is None:
        return False
    # Of two who send the same code at once one is first.
    taken = sa.update(_T).where(_T.c.person_id == person, _T.c.last_step < step).values(last_step=step)
    return connection.execute(taken).rowcount == 1


def _take_recovery(connection: sa.Connection, key: bytes, person: int, code: str) -> bool:
    wanted = _recovery_hash(key, person, code)
    mine = sa.update(_R).where(_R.c.person_id == person, _R.c.hash == wanted, _R.c.used_at.is_(None))
    return connection.execute(mine.values(used_at=sa.func.now())).rowcount == 1


def _recovery_hash(key: bytes, person: int, code: str) -> bytes:
    plain = "".join(one for one in code.lower() if one.isalnum())
    return bytes.fromhex(signed(key, "recovery code", f"{person} {plain}"))


def _cipher(key: bytes) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"amdis code generators").derive(key)
    return Fernet(base64.urlsafe_b64encode(derived))
