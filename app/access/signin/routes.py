"""/api/v1/access: signing in, by whichever way, and the links that open an account."""

from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from app.access.credentials import DEVICE_COOKIE, set_cookie
from app.access.doors import Anybody, Outside
from app.access.setup import Access
from app.access.signin import links, passkeys, sso
from app.access.signin.challenges import LASTS, Purpose
from app.access.signin.schemas import (
    AcceptIn,
    CodeIn,
    CredentialIn,
    ForgottenIn,
    InvitationReadOut,
    NextOut,
    ResetIn,
    SignInIn,
    TokenIn,
)
from app.access.signin.service import Step, answer_code, sign_in
from app.access.signin.slowdown import DEVICE_LASTS, new_device
from app.access.work import Errand, Visit
from app.errors import ThingNotFoundError
from app.problems import PROBLEMS

router = APIRouter(prefix="/access", tags=["Signing in"], responses=PROBLEMS)

SameSite = Literal["lax", "strict"]

STEP_COOKIE = "__Host-amdis-step"
SSO_COOKIE = "__Host-amdis-sso"

_Visit = Annotated[Visit, Depends(Anybody(), scope="function")]
_Errand = Annotated[Errand, Depends(Outside())]

# The session's cookie is not sent on a way that begins at another site, so the last step is one of a page of ours.
_GO_ON = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={path}">
<title>Signed in</title><p><a href="{path}">Go on</a></p></html>"""


@router.post("/sign-in", summary="Sign in with a password")
def with_password(asked: SignInIn, response: Response, visit: _Visit) -> NextOut:
    """What comes next."""
    return _next(visit.access, response, sign_in(visit, asked.email, asked.password))


@router.post("/sign-in/code", summary="Go on with a code")
def with_code(asked: CodeIn, request: Request, response: Response, visit: _Visit) -> NextOut:
    """What comes next."""
    return _next(visit.access, response, answer_code(visit, request.cookies.get(STEP_COOKIE, ""), asked.code))


@router.post("/sign-in/passkey/options", summary="Begin to sign in with a passkey")
def passkey_options(response: Response, visit: _Visit) -> dict[str, object]:
    """What the browser asks the passkey for."""
    options, token = passkeys.request_options(visit)
    _set_step(response, STEP_COOKIE, token, Purpose.PASSKEY)
    return options


@router.post("/sign-in/passkey", summary="Sign in with a passkey")
def with_passkey(asked: CredentialIn, request: Request, response: Response, visit: _Visit) -> NextOut:
    """What comes next."""
    step = passkeys.sign_in_with_passkey(visit, request.cookies.get(STEP_COOKIE, ""), asked.credential)
    return _next(visit.access, response, step)


@router.get("/sso/start", summary="Begin single sign-on", response_class=RedirectResponse, status_code=303)
def begin_sso(errand: _Errand, to: str = sso.DEFAULT_PATH) -> Response:
    """The way to the provider."""
    address, token = sso.begin(errand, _provider(errand.access), to)
    response = RedirectResponse(address, 303)
    # Sent also on the way back from the provider, which is another site.
    _set_step(response, SSO_COOKIE, token, Purpose.SINGLE_SIGN_ON, samesite="lax")
    return response


@router.get("/sso/callback", summary="Back from single sign-on", response_class=HTMLResponse)
def end_sso(request: Request, errand: _Errand, state: str = "", error: str = "") -> Response:
    """A page that goes on to the workspace."""
    address = f"{errand.access.base_url}{request.url.path}?{request.url.query}"
    reply = sso.Reply(request.cookies.get(SSO_COOKIE, ""), state, address, error)
    step, to = sso.finish_sign_on(errand, _provider(errand.access), reply)
    response = HTMLResponse(_GO_ON.format(path=to if step.next == "done" else f"/workspace/{_PAGES[step.next]}"))
    _next(errand.access, response, step)
    response.delete_cookie(SSO_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.post("/invitation/read", summary="What an invitation is for")
def read_invitation(asked: TokenIn, visit: _Visit) -> InvitationReadOut:
    """Whom it invites, and to what."""
    return InvitationReadOut.model_validate(links.read_invitation(visit, asked.token))


@router.post("/invitation/accept", summary="Accept an invitation")
def accept(asked: AcceptIn, response: Response, visit: _Visit) -> NextOut:
    """What comes next."""
    return _next(visit.access, response, links.accept_invitation(visit, asked.token, asked.name, asked.password))


@router.post("/password/forgotten", summary="Ask for a link to set a new password", status_code=202)
def forgotten(asked: ForgottenIn, errand: _Errand, later: BackgroundTasks) -> None:
    """Nothing that tells whether there is such an account."""
    later.add_task(links.forgotten, errand, asked.email)


@router.post("/password/reset", summary="Set a new password", status_code=204)
def reset(asked: ResetIn, visit: _Visit) -> None:
    """The password is set and all sessions have ended."""
    links.reset(visit, asked.token, asked.password)


_PAGES = {"code": "sign-in/code", "enrol": "enrol"}


def _next(access: Access, response: Response, step: Step) -> NextOut:
    """Give the browser what it needs for the next step."""
    if step.step is not None:
        _set_step(response, STEP_COOKIE, step.step, Purpose.SECOND_FACTOR)
    if step.session is not None:
        set_cookie(response, step.session)
        response.delete_cookie(STEP_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        device = new_device(access.secret, step.email)
        seconds = int(DEVICE_LASTS.total_seconds())
        response.set_cookie(
            DEVICE_COOKIE, device, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict"
        )
    return NextOut.model_validate({"next": step.next})


def _set_step(response: Response, name: str, token: str, purpose: Purpose, samesite: SameSite = "strict") -> None:
    seconds = int(LASTS[purpose].total_seconds())
    response.set_cookie(name, token, max_age=seconds, path="/", secure=True, httponly=True, samesite=samesite)


def _provider(access: Access) -> sso.Provider:
    if access.sso is None:
        raise ThingNotFoundError("There is no single sign-on here.")
    found: sso.Provider = access.sso
    return found
