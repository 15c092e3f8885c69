"""/api/v1/access: who is signed in, under which mandate, and the end of a session."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response

from app.access.actors import Actor, acting
from app.access.credentials import clear_cookie, credential_of, csrf_token, set_cookie
from app.access.doors import Allowed, Anybody
from app.access.queries import mandates_today, second_factors, told_rights
from app.access.schemas import MandateOut, MeOut, RightOut, SecondFactorsOut, SignedInOut, SingleSignOnOut, SwitchIn
from app.access.sessions import end_session, switch_mandate
from app.access.work import Visit, Work
from app.audit.service import Event
from app.errors import NotSignedInError
from app.notices.queries import unread
from app.problems import PROBLEMS
from app.rights.policies import Action, Kind, rights
from app.rights.roles import TERMS, Role

router = APIRouter(prefix="/access", tags=["Access"], responses=PROBLEMS)


@router.get("/me", summary="Who is signed in and what they may do")
def me(request: Request, visit: Annotated[Visit, Depends(Anybody(), scope="function")]) -> MeOut:
    """The acting person, or that nobody is signed in and why not."""
    credential = credential_of(request)
    if credential is None:
        return MeOut(signed_in=False, sso=_sign_on(visit))
    try:
        actor = acting(visit.connection, credential.token)
    except NotSignedInError as error:
        return MeOut(signed_in=False, why=str(error), sso=_sign_on(visit))
    return _me(visit, actor)


@router.post("/mandate", summary="Go on under another mandate")
def switch(
    asked: SwitchIn,
    response: Response,
    work: Annotated[Work, Depends(Allowed(Kind.PROFILE, Action.UPDATE, own=True), scope="function")],
) -> MeOut:
    """The acting person under the other mandate, in a session with a new token."""
    token = switch_mandate(work.connection, work.actor, asked.mandate)
    actor = acting(work.connection, token)
    set_cookie(response, token)
    work.record(Event("switch mandate", Kind.SESSION, str(actor.session), detail={"mandate": asked.mandate}))
    return _me(Visit(work.access, work.connection, work.browser), actor)


@router.post("/sign-out", summary="End the session", status_code=204)
def sign_out(
    work: Annotated[Work, Depends(Allowed(Kind.PROFILE, Action.UPDATE, own=True, limited=True), scope="function")],
) -> Response:
    """The session is ended, and the browser forgets it."""
    if work.actor.session is not None:
        end_session(work.connection, work.actor.session, "You signed out.")
    work.record(Event("sign out", Kind.SESSION, str(work.actor.session)))
    # Not "storage": the colours somebody has chosen for the pages are kept there, and nothing else.
    response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "cookies"'})
    clear_cookie(response)
    return response


def _me(visit: Visit, actor: Actor) -> MeOut:
    connection = visit.connection
    running = [_mandate(one) for one in mandates_today(connection, actor.person)]
    return MeOut(
        signed_in=True,
        csrf=csrf_token(visit.access.secret, actor.token) if actor.session is not None else "",
        person=SignedInOut(
            id=actor.person, name=actor.name, email=actor.email, language=actor.language, country=actor.country
        ),
        mandate=next((one for one in running if one.id == actor.mandate), None),
        mandates=running,
        limited=actor.limited,
        second_factors=SecondFactorsOut.model_validate(second_factors(connection, actor.person)),
        may=[RightOut(**one) for one in told_rights(rights(actor.role))] if actor.role and not actor.limited else [],
        unread=unread(connection, actor.person),
    )


def _sign_on(visit: Visit) -> SingleSignOnOut | None:
    return SingleSignOnOut(name=visit.access.sso.name) if visit.access.sso else None


def _mandate(row: sa.RowMapping) -> MandateOut:
    role = Role(row["role"])
    return MandateOut.model_validate({**row, "role_title": TERMS[role].title})
