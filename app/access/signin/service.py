"""Signing in with a password and a second factor, step by step."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.access.models import Person
from app.access.queries import second_factors
from app.access.sessions import open_session, running_mandates
from app.access.signin import challenges, codes
from app.access.signin.challenges import Purpose
from app.access.signin.passwords import is_password
from app.access.signin.slowdown import Counter, Guess, check_pace, count_failure, counters, forget_failures, is_alarming
from app.access.telling import tell
from app.access.work import Visit
from app.audit.service import Event, Outcome, Who, record
from app.db.base import table_of
from app.errors import InvalidInputError, NotSignedInError, TooManyTriesError
from app.languages import Language, message
from app.notices.service import Message
from app.rights.policies import Kind
from app.rights.roles import TERMS, Role

_P = table_of(Person)
_WRONG = "The address or the password is wrong."
_OVER = "This step has run out. Sign in again from the start."

_ALARMS = {
    Guess.PASSWORD: (
        message("Many attempts to sign in to your account have failed"),
        message(
            "If it was not you, somebody guesses your password. You are not kept out. A code generator or a passkey "
            "keeps your account closed to whoever guesses right; tell your administrator."
        ),
    ),
    Guess.CODE: (
        message("Somebody knows your password"),
        message(
            "Many wrong codes were given for your account after the right password. If it was not you, set another "
            "password now and tell your administrator."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next. next: done, code (a second factor is asked for) or enrol (one has to be set up).

    session: token of the session that was opened. step: token of the step that waits. email: whose account it is.
    """

    next: str
    session: str | None = None
    step: str | None = None
    email: str = ""


def sign_in(visit: Visit, email: str, password: str) -> Step:
    """Sign in with a password.

    Raises NotSignedInError for a wrong address or password, in the same time and with the same words for both, or
    without a mandate that runs; TooManyTriesError.
    """
    counted = counters(visit.access.secret, Guess.PASSWORD, email, visit.browser)
    _check_pace(visit, counted, email)
    person = account_of(visit.connection, email)
    if not is_password(visit.connection, person.id if person else None, password) or person is None or person.closed_at:
        _fail(visit, Guess.PASSWORD, counted, person, {"email": email[:200]})
        raise NotSignedInError(_WRONG)
    step = proceed(visit, person, ("pwd",))
    forget_failures(visit.connection, counted)
    return step


def answer_code(visit: Visit, token: str, code: str) -> Step:
    """Go on with the code of a generator, or a recovery code. Raises NotSignedInError, InvalidInputError."""
    waiting = challenges.waiting(visit.connection, Purpose.SECOND_FACTOR, token)
    if waiting is None:
        raise NotSignedInError(_OVER)
    person = visit.connection.execute(sa.select(_P).where(_P.c.id == waiting.person_id)).one()
    counted = counters(visit.access.secret, Guess.CODE, person.email, visit.browser)
    _check_pace(visit, counted, person.email)
    method = codes.take_code(visit.connection, visit.access.secret, person.id, code)
    if method is None:
        with visit.access.connections.application() as apart:
            challenges.count_try(apart, waiting.id)
        _fail(visit, Guess.CODE, counted, person, {"step": "code"})
        raise InvalidInputError("code", "This code is wrong, has run out or was used before.")
    if not challenges.answer(visit.connection, waiting.id):
        raise NotSignedInError(_OVER)
    forget_failures(visit.connection, counted)
    return finish(visit, person, (*waiting.data["methods"], method))


def proceed(visit: Visit, person: sa.Row[Any], methods: tuple[str, ...]) -> Step:
    """Ask for the second factor of a person who has one, or finish."""
    has = second_factors(visit.connection, person.id)
    if has.totp or has.passkeys:
        if not running_mandates(visit.connection, person.id):
            return finish(visit, person, methods)
        token = challenges.begin(visit.connection, Purpose.SECOND_FACTOR, person.id, methods=list(methods))
        return Step("code", step=token)
    return finish(visit, person, methods)


def finish(visit: Visit, person: sa.Row[Any], methods: tuple[str, ...]) -> Step:
    """Open the session of somebody who has proved who they are. Raises NotSignedInError without a running mandate."""
    limited = needs_second_factor(visit.connection, person.id) and not is_strong(methods)
    try:
        token = open_session(visit.connection, person.id, visit.browser, methods, limited=limited)
    except NotSignedInError as error:
        event = Event("sign in", Kind.SESSION, outcome=Outcome.REFUSED, detail={"why": str(error)})
        visit.record_apart(event, person.id, person.name)
        raise
    who = Who(person.id, person.name, country=person.country, address=visit.browser.address)
    record(visit.connection, who, Event("sign in", Kind.SESSION, detail={"methods": list(methods)}))
    return Step("enrol" if limited else "done", token, email=person.email)


def needs_second_factor(connection: sa.Connection, person: int) -> bool:
    """Whether one of the person's running mandates asks for more than a password."""
    return any(TERMS[Role(one.role)].second_factor for one in running_mandates(connection, person))


def is_strong(methods: tuple[str, ...]) -> bool:
    """Whether these prove who somebody is by more than something they know."""
    return bool({"otp", "recovery", "passkey", "mfa"} & set(methods))


def account_of(connection: sa.Connection, email: str) -> sa.Row[Any] | None:
    """The account of an address."""
    if "\x00" in email:
        return None
    return connection.execute(sa.select(_P).where(sa.func.lower(_P.c.email) == email.strip().lower())).one_or_none()


def _check_pace(visit: Visit, counted: tuple[Counter, ...], email: str) -> None:
    try:
        check_pace(visit.connection, counted)
    except TooManyTriesError:
        detail = {"why": "too many tries", "email": email[:200]}
        visit.record_apart(Event("sign in", Kind.SESSION, outcome=Outcome.REFUSED, detail=detail))
        raise


def _alarm(guess: Guess, language: Language) -> Message:
    title, advice = _ALARMS[guess]
    return Message(language.text(title), language.text(advice), "/workspace/profile")


def _fail(
    visit: Visit, guess: Guess, counted: tuple[Counter, ...], person: sa.Row[Any] | None, detail: dict[str, str]
) -> None:
    """Note a failure in a transaction of its own, as that of the request is undone, and tell the owner of many.

    Of an address without an account the same is asked: else the time would tell which have one.
    """
    secret = visit.access.secret
    with visit.access.connections.application() as connection:
        count_failure(connection, counted)
        alarming = is_alarming(connection, secret, guess, person.email if person else detail["email"])
        if person is not None and alarming:
            tell(connection, (person.id,), partial(_alarm, guess))
        who = Who(person.id if person else None, person.name if person else "", address=visit.browser.address)
        told = {**detail, "owner": "told"} if person is not None and alarming else detail
        record(connection, who, Event("sign in", Kind.SESSION, outcome=Outcome.FAILED, detail=told))
