"""/api/v1/access: signing in, by whichever way, and the links that open an account."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from app.access.credentials import set_cookie
from app.access.doors import Anybody
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
from app.access.signin.slowdown import DEVICE_COOKIE, DEVICE_LASTS, new_device
from app.access.work import Visit
from app.errors import NotSignedInError, ThingNotFoundError
from app.problems import PROBLEMS

router = APIRouter(prefix="/access", tags=["Signing in"], responses=PROBLEMS)

SameSite = Literal["lax", "strict"]

STEP_COOKIE = "__Host-amdis-step"
SSO_COOKIE = "__Host-amdis-sso"

_Visit = Annotated[Visit, Depends(Anybody(), scope="function")]

# The session's cookie is not sent on a way that begins at another site, so the last step is one of a page of ours.
_GO_ON = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={path}">
<title>Signed in</title><p><a href="{path}">Go on</a></p></html>"""


@router.post("/sign-in", summary="Sign in with a password")
def with_password(asked: SignInIn, request: Request, response: Response, visit: _Visit) -> NextOut:
    """What comes next."""
    step = sign_in(visit, asked.email, asked.password, request.cookies.get(DEVICE_COOKIE, ""))
    return _next(visit, response, step)


@router.post("/sign-in/code", summary="Go on with a code")
def with_code(asked: CodeIn, request: Request, response: Response, visit: _Visit) -> NextOut:
    """What comes next."""
    return _next(visit, response, answer_code(visit, request.cookies.get(STEP_COOKIE, ""), asked.code))


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
    return _next(visit, response, step)


@router.get("/sso/start", summary="Begin single sign-on", response_class=RedirectResponse, status_code=303)
def begin_sso(visit: _Visit, to: str = sso.DEFAULT_PATH) -> Response:
    """The way to the provider."""
    address, token = sso.begin(visit, _provider(visit), to)
    response = RedirectResponse(address, 303)
    # Sent also on the way back from the provider, which is another site.
    _set_step(response, SSO_COOKIE, token, Purpose.SINGLE_SIGN_ON, samesite="lax")
    return response


@router.get("/sso/callback", summary="Back from single sign-on", response_class=HTMLResponse)
def end_sso(request: Request, visit: _Visit, state: str = "") -> Response:
    """A page that goes on to the workspace."""
    token = request.cookies.get(SSO_COOKIE, "")
    if "error" in request.query_params:
        raise NotSignedInError(f"{_provider(visit).name} did not let you in. Try again or sign in another way.")
    answer = f"{visit.access.base_url}{request.url.path}?{request.url.query}"
    step, to = sso.finish_sign_on(visit, _provider(visit), token, answer, state)
    response = HTMLResponse(_GO_ON.format(path=to if step.next == "done" else f"/workspace/{_PAGES[step.next]}"))
    _next(visit, response, step)
    response.delete_cookie(SSO_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.post("/invitation/read", summary="What an invitation is for")
def read_invitation(asked: TokenIn, visit: _Visit) -> InvitationReadOut:
    """Whom it invites, and to what."""
    return InvitationReadOut.model_validate(links.read_invitation(visit, asked.token))


@router.post("/invitation/accept", summary="Accept an invitation")
def accept(asked: AcceptIn, response: Response, visit: _Visit) -> NextOut:
    """What comes next."""
    return _next(visit, response, links.accept_invitation(visit, asked.token, asked.name, asked.password))


@router.post("/password/forgotten", summary="Ask for a link to set a new password", status_code=202)
def forgotten(asked: ForgottenIn, visit: _Visit) -> None:
    """Nothing that tells whether there is such an account."""
    links.forgotten(visit, asked.email)


@router.post("/password/reset", summary="Set a new password", status_code=204)
def reset(asked: ResetIn, visit: _Visit) -> None:
    """The password is set and all sessions have ended."""
    links.reset(visit, asked.token, asked.password)


_PAGES = {"code": "sign-in/code", "enrol": "enrol"}


def _next(visit: Visit, response: Response, step: Step) -> NextOut:
    """Give the browser what it needs for the next step."""
    if step.step is not None:
        _set_step(response, STEP_COOKIE, step.step, Purpose.SECOND_FACTOR)
    if step.session is not None:
        set_cookie(response, step.session)
        response.delete_cookie(STEP_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        device = new_device(visit.access.secret, step.email)
        seconds = int(DEVICE_LASTS.total_seconds())
        response.set_cookie(
            DEVICE_COOKIE, device, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict"
        )
    return NextOut.model_validate({"next": step.next})


def _set_step(response: Response, name: str, token: str, purpose: Purpose, samesite: SameSite = "strict") -> None:
    seconds = int(LASTS[purpose].total_seconds())
    response.set_cookie(name, token, max_age=seconds, path="/", secure=True, httponly=True, samesite=samesite)


def _provider(visit: Visit) -> sso.Provider:
    if visit.access.sso is None:
        raise ThingNotFoundError("There is no single sign-on here.")
    found: sso.Provider = visit.access.sso
    return found
