"""Passwords: which are taken, how they are kept, and how one is checked without telling whether there is an account."""

from functools import cache

import sqlalchemy as sa
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.dialects.postgresql import insert
from zxcvbn import zxcvbn

from app.access.models import Password
from app.db.base import table_of
from app.errors import InvalidInputError

SHORTEST, LONGEST = 12, 256
"""Characters of a password."""

_STRONG = 3  # of 4 by zxcvbn: more than 10^8 guesses
_JUDGED = 72  # characters that are looked at for how guessable they are
_MIB = 1024

# Argon2id with the parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * _MIB, parallelism=1),))
_W = table_of(Password)


def check_password(password: str, known: tuple[str, ...]) -> None:
    """Raise InvalidInputError that says what is wrong with a new password.

    known: what others know of the person, such as name and address. Leaked and common passwords are refused, by the
    lists that come with zxcvbn.
    """
    if len(password) < SHORTEST:
        raise InvalidInputError("password", f"A password has {SHORTEST} characters or more, not {len(password)}.")
    if len(password) > LONGEST:
        raise InvalidInputError("password", f"A password has at most {LONGEST} characters.")
    if "\x00" in password:
        raise InvalidInputError("password", "A password holds no NUL character.")
    words = [part for text in known for part in (text, *text.replace("@", " ").replace(".", " ").split())]
    judged = zxcvbn(password[:_JUDGED], user_inputs=words)
    if judged["score"] < _STRONG:
        feedback = judged["feedback"]
        advice = " ".join(part.rstrip(".") + "." for part in (feedback["warning"], *feedback["suggestions"]) if part)
        raise InvalidInputError("password", f"This password is easily guessed. {advice}".strip())


def set_password(connection: sa.Connection, person: int, password: str) -> None:
    """Keep a checked password of a person in place of the one before."""
    values = {"hash": _HASHER.hash(password), "changed_at": sa.func.now()}
    new = insert(_W).values(person_id=person, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["person_id"], set_=values))


def is_password(connection: sa.Connection, person: int | None, password: str) -> bool:
    """Whether that is the person's password; for nobody, or without one, it takes as long to say no.

    A hash made with other parameters than today's is made anew.
    """
    kept = None
    if person is not None:
        kept = connection.execute(sa.select(_W.c.hash).where(_W.c.person_id == person)).scalar_one_or_none()
    right, better = _HASHER.verify_and_update(password[:LONGEST], kept or _nobodys())
    if kept is None or not right:
        return False
    if better is not None:
        connection.execute(sa.update(_W).where(_W.c.person_id == person).values(hash=better))
    return True


@cache
def _nobodys() -> str:
    """A hash that nothing is compared with but to take the time it takes."""
    return _HASHER.hash("nobody has this password")
