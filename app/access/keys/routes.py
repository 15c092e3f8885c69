"""/api/v1/access/keys: API keys."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from app.access.doors import Allowed
from app.access.keys.service import Wanted, create_key, keys, revoke_key
from app.access.wire import In, Out
from app.access.work import Work
from app.problems import PROBLEMS
from app.rights.policies import Action, Kind

router = APIRouter(prefix="/access/keys", tags=["API keys"], responses=PROBLEMS)


class KeyOut(Out):
    """An API key. start: its first characters. layers: that it may read, none is all."""

    id: int
    name: str
    start: str
    layers: list[str] | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    person: str


class KeyIn(In):
    """An API key to be made. expires: its last day."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    layers: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None
    scopes: Annotated[list[str], Field(min_length=1, max_length=10)]
    expires: date


class NewKeyOut(Out):
    """A new API key and its secret, which is shown this once."""

    key: KeyOut
    secret: str


@router.get("", summary="API keys")
def listed(work: Annotated[Work, Depends(Allowed(Kind.API_KEY, Action.READ), scope="function")]) -> list[KeyOut]:
    """One's own, and those one looks after, the newest first."""
    return [KeyOut.model_validate(one) for one in keys(work.connection)]


@router.post("", summary="Make an API key", status_code=201)
def create(
    asked: KeyIn,
    request: Request,
    work: Annotated[Work, Depends(Allowed(Kind.API_KEY, Action.CREATE, own=True, fresh=True), scope="function")],
) -> NewKeyOut:
    """The key with its secret."""
    layers = list(request.app.state.catalogue.declared)
    number, secret = create_key(work, Wanted(asked.name, asked.layers, asked.scopes, asked.expires), layers)
    made = next(one for one in keys(work.connection, person=work.actor.person) if one["id"] == number)
    return NewKeyOut(key=KeyOut.model_validate(made), secret=secret)


@router.delete("/{number}", summary="Revoke an API key", status_code=204)
def revoke(number: int, work: Annotated[Work, Depends(Allowed(Kind.API_KEY, Action.END), scope="function")]) -> None:
    """It opens nothing any more, anywhere."""
    revoke_key(work, number)
