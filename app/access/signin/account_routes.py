"""/api/v1/access: one's own account."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.access.credentials import csrf_token, set_cookie
from app.access.doors import Allowed
from app.access.people.queries import open_sessions
from app.access.signin import account, passkeys
from app.access.signin.schemas import (
    CodeIn,
    CsrfOut,
    GeneratorOut,
    NewPasskeyOut,
    OwnSessionOut,
    PasskeyIn,
    PasskeyOut,
    PasswordIn,
    ProfileIn,
    ProfileOut,
    ProveIn,
    RecoveryCodesOut,
)
from app.access.work import Work
from app.problems import PROBLEMS
from app.rights.policies import Action, Kind

router = APIRouter(prefix="/access", tags=["Own account"], responses=PROBLEMS)


def _own(kind: Kind, action: Action, **more: bool) -> Any:
    return Depends(Allowed(kind, action, own=True, **more), scope="function")


_Reads = Annotated[Work, _own(Kind.PROFILE, Action.READ)]
_Changes = Annotated[Work, _own(Kind.PROFILE, Action.UPDATE)]
# Setting a second factor up is all that a limited session may do; it has just been opened by a proof.
_Enrols = Annotated[Work, _own(Kind.PROFILE, Action.UPDATE, limited=True, fresh=True)]
_Fresh = Annotated[Work, _own(Kind.PROFILE, Action.UPDATE, fresh=True)]
_EndsSessions = Annotated[Work, _own(Kind.SESSION, Action.END)]


@router.get("/profile", summary="One's own account")
def profile(work: _Reads) -> ProfileOut:
    """Name, address, language and whether a digest is mailed."""
    return ProfileOut.model_validate(account.profile(work.connection, work.actor.person))


@router.patch("/profile", summary="Change one's own account")
def change_profile(asked: ProfileIn, work: _Changes) -> ProfileOut:
    """The account as it is now."""
    account.change_profile(work, asked.model_dump(exclude_none=True))
    return ProfileOut.model_validate(account.profile(work.connection, work.actor.person))


@router.post("/profile/password", summary="Set another password", status_code=204)
def change_password(asked: PasswordIn, work: _Changes) -> None:
    """The password is set, and all other sessions have ended."""
    account.change_password(work, asked.current, asked.password)


@router.post("/prove", summary="Prove once more who one is")
def prove(asked: ProveIn, response: Response, work: _Changes) -> CsrfOut:
    """For a quarter of an hour, what needs a fresh proof may be done."""
    return CsrfOut(csrf=_renewed(work, response, account.prove(work, asked.password, asked.code)))


@router.post("/totp", summary="A new code generator", status_code=201)
def begin_generator(work: _Enrols) -> GeneratorOut:
    """Its secret, which is in use once a code of it is confirmed."""
    secret, uri, qr = account.begin_generator(work)
    return GeneratorOut(secret=secret, uri=uri, qr=qr)


@router.post("/totp/confirm", summary="Take the new code generator into use")
def confirm_generator(asked: CodeIn, response: Response, work: _Enrols) -> RecoveryCodesOut:
    """New recovery codes."""
    shown, token = account.confirm_generator(work, asked.code)
    return RecoveryCodesOut(recovery_codes=shown, csrf=_renewed(work, response, token))


@router.delete("/totp", summary="Remove the code generator", status_code=204)
def remove_generator(work: _Fresh) -> None:
    """It is asked for no more."""
    account.remove_generator(work)


@router.post("/recovery-codes", summary="New recovery codes", status_code=201)
def new_recovery_codes(work: _Fresh) -> RecoveryCodesOut:
    """The new ones; all before are void."""
    shown = account.new_recovery_codes(work)
    return RecoveryCodesOut(recovery_codes=shown, csrf=csrf_token(work.access.secret, work.actor.token))


@router.get("/passkeys", summary="One's passkeys")
def own_passkeys(work: Annotated[Work, _own(Kind.PROFILE, Action.READ, limited=True)]) -> list[PasskeyOut]:
    """The oldest first."""
    return [PasskeyOut.model_validate(one) for one in passkeys.passkeys(work.connection, work.actor.person)]


@router.post("/passkeys/options", summary="Begin to make a passkey")
def passkey_options(work: _Enrols) -> dict[str, object]:
    """What the browser makes the passkey by."""
    return passkeys.creation_options(work.access, work.connection, work.actor)


@router.post("/passkeys", summary="Keep a new passkey", status_code=201)
def add_passkey(asked: PasskeyIn, response: Response, work: _Enrols) -> NewPasskeyOut:
    """The passkey, and recovery codes if it is the first second factor."""
    number, shown, token = account.add_passkey(work, asked.name, asked.credential)
    made = next(one for one in passkeys.passkeys(work.connection, work.actor.person) if one["id"] == number)
    csrf = _renewed(work, response, token)
    return NewPasskeyOut(passkey=PasskeyOut.model_validate(made), recovery_codes=shown, csrf=csrf)


@router.delete("/passkeys/{number:int}", summary="Remove a passkey", status_code=204)
def remove_passkey(number: int, work: _Fresh) -> None:
    """It opens nothing any more."""
    account.remove_passkey(work, number)


@router.get("/sessions", summary="Where one is signed in")
def sessions(work: Annotated[Work, _own(Kind.SESSION, Action.READ)]) -> list[OwnSessionOut]:
    """The open sessions, the one used last first."""
    rows = open_sessions(work.connection, work.actor.person)
    return [OwnSessionOut.model_validate({**one, "current": one["id"] == work.actor.session}) for one in rows]


@router.delete("/sessions/{number}", summary="End a session of one's own", status_code=204)
def end_session(number: int, work: _EndsSessions) -> None:
    """It is ended."""
    account.end_own_session(work, number)


@router.delete("/sessions", summary="End all other sessions of one's own", status_code=204)
def end_others(work: _EndsSessions) -> None:
    """All but this one are ended."""
    account.end_other_sessions(work)


def _renewed(work: Work, response: Response, token: str) -> str:
    """Give the browser its session's new token; returns what goes with it as X-CSRF-Token."""
    set_cookie(response, token)
    return csrf_token(work.access.secret, token)
