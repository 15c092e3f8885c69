"""API keys over the wire."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from app.access.people.schemas import Name
from app.access.wire import In, Out

Scope = Literal["read", "submit"]


class KeyOut(Out):
    """A key, without its secret. start: its first characters; layers: those it may read, none is all.

    person: the id of whose it is; name is the key's.
    """

    id: int
    name: str
    start: str
    layers: list[str] | None
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    person: int


class KeyIn(In):
    """A new key. layers: those it may read, none is all. expires: its last day, in UTC."""

    name: Name
    layers: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=100)] | None = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=2)]
    expires: date


class NewKeyOut(Out):
    """A key that was made. secret: shown this once."""

    key: KeyOut
    secret: str
