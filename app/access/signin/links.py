"""The links that open an account: an invitation the first time, a reset when the password is forgotten."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from app.access.models import Invitation, Mandate, Organisation, Person
from app.access.sessions import end_sessions
from app.access.signin import challenges
from app.access.signin.challenges import Purpose
from app.access.signin.passwords import check_password, has_password, set_password
from app.access.signin.service import Step, account_of, finish
from app.access.signin.slowdown import Guess, check_pace, count_failure, counters, forget_codes
from app.access.telling import reader_of, tell
from app.access.tokens import token_hash
from app.access.work import Errand, Visit
from app.audit.service import Event, Outcome, Who, record
from app.db.base import table_of
from app.errors import ConflictError, InvalidInputError, ThingNotFoundError, TooManyTriesError
from app.languages import Language, message
from app.notices.mail import reset_mail
from app.notices.service import Message, send
from app.rights.policies import Kind
from app.rights.roles import TERMS, Role

RESET_PATH = "/workspace/reset#"

_P, _I, _M, _O = (table_of(one) for one in (Person, Invitation, Mandate, Organisation))


def read_invitation(visit: Visit, token: str) -> dict[str, Any]:
    """What an invitation is for. Raises InvalidInputError that says why it opens nothing."""
    found = _invitation(visit, token)
    rows = (
        sa.select(_M.c.role, _M.c.country, _M.c.starts, _M.c.ends, _O.c.name.label("organisation"))
        .join(_O, _O.c.id == _M.c.organisation_id)
        .where(_M.c.person_id == found.person_id)
        .order_by(_M.c.id)
        .limit(1)
    )
    given = visit.connection.execute(rows).mappings().one()
    return {
        **given,
        "name": found.name,
        "email": found.email,
        "role_title": TERMS[Role(given["role"])].title,
        "expires_at": found.expires_at,
    }


def accept_invitation(visit: Visit, token: str, name: str, password: str) -> Step:
    """Set an account up with a name and password, and sign in. Raises InvalidInputError, NotSignedInError."""
    found = _invitation(visit, token)
    check_password(password, (name, found.email, visit.access.site))
    used = sa.update(_I).where(_I.c.id == found.id, _I.c.used_at.is_(None)).values(used_at=sa.func.now())
    if visit.connection.execute(used).rowcount == 0:
        raise _refused(visit, "used", "This invitation was accepted already. Sign in instead.")
    visit.connection.execute(sa.update(_P).where(_P.c.id == found.person_id).values(name=name))
    set_password(visit.connection, found.person_id, password)
    person = visit.connection.execute(sa.select(_P).where(_P.c.id == found.person_id)).one()
    return finish(visit, person, ("pwd", "invitation"))


def forgotten(errand: Errand, email: str) -> None:
    """Send a link to set a new password, if there is such an account; nothing tells whether there is.

    Called after the answer has left, whose time would tell it too.
    """
    with errand.visit() as visit:
        _send_link(visit, email)


def _send_link(visit: Visit, email: str) -> None:
    counted = counters(visit.access.secret, Guess.RESET, email, visit.browser)
    try:
        check_pace(visit.connection, counted)
    except TooManyTriesError:
        return
    count_failure(visit.connection, counted)
    person = account_of(visit.connection, email)
    token = challenges.begin(visit.connection, Purpose.RESET, person.id if person else None)
    known = person is not None and person.closed_at is None
    if known and person is not None:
        link = f"{visit.access.base_url}{RESET_PATH}{token}"
        reader = reader_of(visit.connection, person.id)
        send(visit.connection, reset_mail(reader, visit.access.sender, link))
    who = Who(person.id if person else None, person.name if person else "", address=visit.browser.address)
    detail = {} if known else {"email": email[:200]}
    record(visit.connection, who, Event("ask for reset", Kind.PROFILE, detail=detail))


def link_of(connection: sa.Connection, email: str) -> tuple[str, datetime]:
    """A token that sets a new password, and until when; from the command line, where no mail is sent.

    Raises ThingNotFoundError, ConflictError for an account that is closed or was never set up.
    """
    person = account_of(connection, email)
    if person is None:
        raise ThingNotFoundError(f"Nobody here has the address {email}. `amdis user list` shows who there is.")
    if person.closed_at is not None:
        raise ConflictError(f"The account of {person.name} is closed.")
    if not has_password(connection, person.id):
        raise ConflictError(f"{person.name} has set up no password yet; use `amdis user invite-again`.")
    token = challenges.begin(connection, Purpose.RESET, person.id)
    asked = Event("ask for reset", Kind.PROFILE, str(person.id), country=person.country)
    record(connection, Who(None, "amdis user reset-password"), asked)
    return token, datetime.now(UTC) + challenges.LASTS[Purpose.RESET]


def reset(visit: Visit, token: str, password: str) -> None:
    """Set a new password by the link that was sent, and end all sessions. Raises InvalidInputError."""
    waiting = challenges.waiting(visit.connection, Purpose.RESET, token)
    person = None
    if waiting is not None and waiting.person_id is not None:
        rows = sa.select(_P).where(_P.c.id == waiting.person_id, _P.c.closed_at.is_(None))
        person = visit.connection.execute(rows).one_or_none()
    if waiting is None or person is None:
        raise _over(visit)
    check_password(password, (person.name, person.email, visit.access.site))
    if not challenges.answer(visit.connection, waiting.id):
        raise _over(visit)
    challenges.forget(visit.connection, Purpose.RESET, person.id)
    set_password(visit.connection, person.id, password)
    forget_codes(visit.connection, visit.access.secret, person.email)
    ended = end_sessions(visit.connection, person.id, "Your password was set anew. Sign in again.")
    tell(visit.connection, (person.id,), _set_anew)
    who = Who(person.id, person.name, country=person.country, address=visit.browser.address)
    record(visit.connection, who, Event("reset password", Kind.PROFILE, str(person.id), detail={"sessions": ended}))


def _set_anew(language: Language) -> Message:
    return Message(language.text(message("Your password was set anew")), link="/workspace/profile")


def _over(visit: Visit) -> InvalidInputError:
    visit.record_apart(Event("reset password", Kind.PROFILE, outcome=Outcome.FAILED, detail={"why": "link"}))
    return InvalidInputError("token", "This link was used or has run out. Ask for a new one.")


def _invitation(visit: Visit, token: str) -> sa.Row[Any]:
    rows = sa.select(_I, _P.c.name, _P.c.email, _P.c.closed_at, (_I.c.expires_at < sa.func.now()).label("late"))
    wanted = rows.join(_P, _P.c.id == _I.c.person_id).where(_I.c.token_hash == token_hash(token))
    found = visit.connection.execute(wanted).one_or_none()
    if found is None:
        raise _refused(visit, "unknown", "There is no such invitation. Open the link exactly as it was sent.")
    if found.used_at is not None:
        raise _refused(visit, "used", "This invitation was accepted already. Sign in instead.")
    if found.revoked_at is not None or found.closed_at is not None:
        raise _refused(visit, "taken back", "This invitation was taken back. Ask whoever invited you.")
    if found.late:
        told = f"This invitation ran out on {found.expires_at:%d %B %Y}. Ask whoever invited you for a new one."
        raise _refused(visit, "expired", told)
    return found


def _refused(visit: Visit, why: str, told: str) -> InvalidInputError:
    visit.record_apart(Event("accept", Kind.INVITATION, outcome=Outcome.FAILED, detail={"why": why}))
    return InvalidInputError("token", told)
