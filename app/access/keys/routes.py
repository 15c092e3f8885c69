"""/api/v1/access/keys: what programs act with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.access.doors import Allowed
from app.access.keys import queries, service
from app.access.keys.schemas import KeyIn, KeyOut, NewKeyOut
from app.access.work import Work
from app.problems import PROBLEMS
from app.rights.policies import Action, Kind

router = APIRouter(prefix="/access/keys", tags=["API keys"], responses=PROBLEMS)

_Reads = Annotated[Work, Depends(Allowed(Kind.API_KEY, Action.READ), scope="function")]
# No delegate's connection may write a secret's hash, so that a key is made as the application.
_Creates = Annotated[Work, Depends(Allowed(Kind.API_KEY, Action.CREATE, own=True, fresh=True), scope="function")]
_Ends = Annotated[Work, Depends(Allowed(Kind.API_KEY, Action.END), scope="function")]


@router.get("", summary="API keys")
def keys(work: _Reads) -> list[KeyOut]:
    """The keys one may see, the newest first: one's own, an administrator the member state's, the secretariat all."""
    return [KeyOut.model_validate(one) for one in queries.keys(work.connection)]


@router.post("", summary="Make an API key", status_code=201)
def create(asked: KeyIn, request: Request, work: _Creates) -> NewKeyOut:
    """The key and its secret, which is shown this once."""
    terms = service.KeyTerms(asked.name, asked.layers, asked.scopes, asked.expires)
    number, secret = service.create_key(work, terms, request.app.state.catalogue.declared)
    return NewKeyOut(key=KeyOut.model_validate(queries.key(work.connection, number)), secret=secret)


@router.delete("/{number}", summary="Revoke an API key", status_code=204)
def revoke(number: int, work: _Ends) -> None:
    """The key opens nothing any more, in every process."""
    service.revoke_key(work, number)
