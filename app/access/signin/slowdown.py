"""Slowing down of guesses, in a way that keeps nobody else out.

Failures are counted for an account as tried from one network, and for a network. A browser that has signed in to the
account before carries a signed cookie and is counted apart (the device cookies of OWASP). Nobody waits for what others
have guessed of the password from elsewhere: that is counted too, but the owner is told of it. Only of codes, which
nobody is asked for but who knows the password, the guesses from everywhere make unknown browsers wait.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from app.access.models import Failure
from app.access.sessions import Browser
from app.access.tokens import is_signed, new_token, signed
from app.db.base import table_of
from app.errors import TooManyTriesError

DEVICE_LASTS = timedelta(days=180)

_WINDOW = timedelta(minutes=30)
_LONGEST_WAIT = 900  # seconds
_F = table_of(Failure)
_DEVICE = "device"


class Guess(StrEnum):
    """What may be guessed, or asked for too often."""

    PASSWORD = "password"  # noqa: S105  (a name, no secret)
    CODE = "code"
    RESET = "reset"


_FREE_ON_DEVICE, _FREE_FROM_NETWORK, _FREE_IN_NETWORK = 10, 5, 30
_FREE_ANYWHERE = {Guess.CODE: 20, Guess.RESET: 20}
_ALARMING = {Guess.PASSWORD: 30, Guess.CODE: 10}


@dataclass(frozen=True, slots=True)
class Counter:
    """What failures are counted of, and how many are free of waiting: None, all of them.

    shared: whether others than the owner of the account fill it, so that the owner's success does not empty it.
    """

    key: bytes
    free: int | None
    shared: bool = False


def counters(secret: bytes, guess: Guess, account: str, browser: Browser) -> tuple[Counter, ...]:
    """What an attempt counts against. account: its address."""
    account = account.strip().lower()
    anywhere = _key(secret, "anywhere", guess, account)
    if is_device(secret, account, browser.device):
        on_device = Counter(_key(secret, "device", guess, account, browser.device), _FREE_ON_DEVICE)
        return (on_device, Counter(anywhere, None, shared=guess is Guess.PASSWORD))
    network = _network(browser.address)
    return (
        Counter(_key(secret, "account and network", guess, account, network), _FREE_FROM_NETWORK),
        Counter(_key(secret, "network", guess, network), _FREE_IN_NETWORK, shared=True),
        Counter(anywhere, _FREE_ANYWHERE.get(guess), shared=guess is Guess.PASSWORD),
    )


def check_pace(connection: sa.Connection, counted: tuple[Counter, ...]) -> None:
    """Raise TooManyTriesError that says how long to wait, if there have been too many failures."""
    now = datetime.now(UTC)
    found = sa.select(_F.c.key, sa.func.count(), sa.func.max(_F.c.at)).where(
        _F.c.key.in_([one.key for one in counted if one.free is not None]), _F.c.at > now - _WINDOW
    )
    rows = {bytes(key): (count, last) for key, count, last in connection.execute(found.group_by(_F.c.key))}
    wait = 0.0
    for one in counted:
        count, last = rows.get(one.key, (0, now))
        if one.free is not None and count >= one.free:
            pause = min(_LONGEST_WAIT, 2.0 ** min(count - one.free + 1, 20))
            wait = max(wait, pause - (now - last).total_seconds())
    if wait > 0:
        seconds = int(wait) + 1
        raise TooManyTriesError(f"Too many attempts have failed. Try again in {_spoken(seconds)}.", seconds)


def count_failure(connection: sa.Connection, counted: tuple[Counter, ...]) -> None:
    """Note a failed attempt."""
    connection.execute(sa.insert(_F), [{"key": one.key} for one in counted])


def is_alarming(connection: sa.Connection, secret: bytes, guess: Guess, account: str) -> bool:
    """Whether so many attempts on an account have failed, from wherever, that its owner should be told.

    It is so once in half an hour at most.
    """
    account = account.strip().lower()
    anywhere, told = (_key(secret, what, guess, account) for what in ("anywhere", "told"))
    recent = sa.select(_F.c.key, sa.func.count()).where(_F.c.key.in_((anywhere, told)))
    rows = connection.execute(recent.where(_F.c.at > datetime.now(UTC) - _WINDOW).group_by(_F.c.key))
    found = {bytes(key): count for key, count in rows}
    if told in found or found.get(anywhere, 0) < _ALARMING[guess]:
        return False
    connection.execute(sa.insert(_F), {"key": told})
    return True


def forget_failures(connection: sa.Connection, counted: tuple[Counter, ...]) -> None:
    """Forget the failures of an account once its owner is in; those that others fill stay."""
    connection.execute(sa.delete(_F).where(_F.c.key.in_([one.key for one in counted if not one.shared])))


def forget_codes(connection: sa.Connection, secret: bytes, account: str) -> None:
    """Forget which codes were guessed from everywhere: whoever knew the password knows the new one not."""
    key = _key(secret, "anywhere", Guess.CODE, account.strip().lower())
    connection.execute(sa.delete(_F).where(_F.c.key == key))


def remove_old_failures(connection: sa.Connection) -> int:
    """Remove failures that count no more; how many."""
    return connection.execute(sa.delete(_F).where(_F.c.at < datetime.now(UTC) - _WINDOW)).rowcount


def new_device(secret: bytes, account: str) -> str:
    """The cookie of a browser in which somebody has signed in."""
    nonce = new_token()
    return f"{nonce}.{signed(secret, _DEVICE, f'{account.strip().lower()} {nonce}')}"


def is_device(secret: bytes, account: str, cookie: str) -> bool:
    """Whether a browser's cookie says that its owner has signed in to the account before."""
    nonce, _, signature = cookie.partition(".")
    return bool(signature) and is_signed(secret, _DEVICE, f"{account.strip().lower()} {nonce}", signature)


def _key(secret: bytes, *parts: str) -> bytes:
    # Keyed, so that the table does not tell who tried what from where.
    return hmac.new(secret, "\x00".join(("failure", *parts)).encode(), hashlib.sha256).digest()


def _network(address: str) -> str:
    """The network an address counts as: itself for IPv4, its /64 for IPv6, of which one subscriber has all."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if parsed.version == 6 else str(parsed)


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{(seconds + 59) // 60} minutes"
