"""Slowing down of guesses, in a way that keeps nobody else out.

Failures are counted for an account as tried from one network, for a network, and for an account from anywhere but the
browsers that have signed in to it before: these carry a signed cookie and are counted apart, so that whoever guesses
elsewhere does not keep the owner waiting (the device cookies of OWASP).
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.access.models import Failure
from app.access.tokens import is_signed, new_token, signed
from app.db.base import table_of
from app.errors import TooManyTriesError

DEVICE_COOKIE = "__Host-amdis-device"
DEVICE_LASTS = timedelta(days=180)

_WINDOW = timedelta(minutes=30)
_LONGEST_WAIT = 900  # seconds
_F = table_of(Failure)
_DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Counter:
    """What failures are counted of, and how many are free of waiting."""

    key: bytes
    free: int


def counters(secret: bytes, account: str, address: str, device: str) -> tuple[Counter, ...]:
    """What an attempt counts against. device: the cookie of the browser."""
    account = account.strip().lower()
    if is_device(secret, account, device):
        return (Counter(_key(secret, "device", account, device), 10),)
    network = _network(address)
    return (
        Counter(_key(secret, "account and network", account, network), 5),
        Counter(_key(secret, "network", network), 30),
        Counter(_key(secret, "account", account), 50),
    )


def check_pace(connection: sa.Connection, counted: tuple[Counter, ...]) -> None:
    """Raise TooManyTriesError that says how long to wait, if there have been too many failures."""
    now = datetime.now(UTC)
    found = sa.select(_F.c.key, sa.func.count(), sa.func.max(_F.c.at)).where(
        _F.c.key.in_([one.key for one in counted]), _F.c.at > now - _WINDOW
    )
    rows = {bytes(key): (count, last) for key, count, last in connection.execute(found.group_by(_F.c.key))}
    wait = 0.0
    for one in counted:
        count, last = rows.get(one.key, (0, now))
        if count >= one.free:
            pause = min(_LONGEST_WAIT, 2.0 ** min(count - one.free + 1, 20))
            wait = max(wait, pause - (now - last).total_seconds())
    if wait > 0:
        seconds = int(wait) + 1
        raise TooManyTriesError(f"Too many attempts have failed. Try again in {_spoken(seconds)}.", seconds)


def count_failure(connection: sa.Connection, counted: tuple[Counter, ...]) -> None:
    """Note a failed attempt."""
    connection.execute(sa.insert(_F), [{"key": one.key} for one in counted])


def forget_failures(connection: sa.Connection, counted: tuple[Counter, ...]) -> None:
    """Forget the failures of an account once its owner is in; those of the network stay."""
    connection.execute(sa.delete(_F).where(_F.c.key == counted[0].key))


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
