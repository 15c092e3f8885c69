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
_OWN = 6  # letters and digits that are no part of what others know
_SHORTEST_WORD = 4  # letters of a word that is looked for in a password
_JUDGED = 72  # characters that are looked at for how guessable they are
_MIB = 1024
_NOBODY = 0  # a number no person has: the database is asked for nobody's password too

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
    if _own_letters(password, words) < _OWN:
        raise InvalidInputError("password", "This password holds little but names that others know. Add other words.")
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


def has_password(connection: sa.Connection, person: int) -> bool:
    """Whether a person has set a password."""
    return bool(connection.execute(sa.select(sa.exists().where(_W.c.person_id == person))).scalar_one())


def is_password(connection: sa.Connection, person: int | None, password: str) -> bool:
    """Whether that is the person's password; for nobody, or without one, it takes as long to say no.

    A hash made with other parameters than today's is made anew.
    """
    wanted = _NOBODY if person is None else person
    kept = connection.execute(sa.select(_W.c.hash).where(_W.c.person_id == wanted)).scalar_one_or_none()
    right, better = _HASHER.verify_and_update(password[:LONGEST], kept or _nobodys())
    if kept is None or not right:
        return False
    if better is not None:
        connection.execute(sa.update(_W).where(_W.c.person_id == person).values(hash=better))
    return True


def _own_letters(password: str, words: list[str]) -> int:
    """How many letters and digits of a password are left without the words that others know."""
    left = password.lower()
    for word in sorted((one.lower() for one in words if len(one) >= _SHORTEST_WORD), key=len, reverse=True):
        left = left.replace(word, "")
    return sum(one.isalnum() for one in left)


@cache
def _nobodys() -> str:
    """A hash that nothing is compared with but to take the time it takes."""
    return _HASHER.hash("nobody has this password")
