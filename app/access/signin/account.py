"""One's own account: name and language, password, second factors, sessions."""

from typing import Any

import sqlalchemy as sa

from app.access.actors import Actor
from app.access.models import Person, Session
from app.access.queries import second_factors
from app.access.sessions import end_session, end_sessions, renew_session
from app.access.signin import challenges, codes, passkeys
from app.access.signin.challenges import Purpose
from app.access.signin.passwords import check_password, is_password, set_password
from app.access.signin.service import needs_second_factor
from app.access.signin.slowdown import Guess, check_pace, count_failure, counters, forget_codes
from app.access.telling import tell
from app.access.work import Work
from app.audit.service import Event
from app.db.base import table_of
from app.errors import ConflictError, InvalidInputError, ThingNotFoundError
from app.languages import Language, message
from app.notices.service import Message
from app.rights.policies import Kind

_P, _S = table_of(Person), table_of(Session)
_OVER = "This step has run out. Begin again with a new code generator."


def change_profile(work: Work, changes: dict[str, Any]) -> None:
    """Change name, language or whether a digest is mailed."""
    if changes:
        work.connection.execute(sa.update(_P).where(_P.c.id == work.actor.person).values(changes))
        work.record(Event("update", Kind.PROFILE, str(work.actor.person), detail={"changed": sorted(changes)}))


def profile(connection: sa.Connection, person: int) -> sa.RowMapping:
    """A person's own name, address, language and whether a digest is mailed."""
    columns = (_P.c.name, _P.c.email, _P.c.language, _P.c.digest)
    return connection.execute(sa.select(*columns).where(_P.c.id == person)).mappings().one()


def change_password(work: Work, current: str, password: str) -> None:
    """Set another password and end all other sessions. Raises InvalidInputError, TooManyTriesError."""
    _check_password(work, current, "current")
    check_password(password, (work.actor.name, work.actor.email, work.access.site))
    set_password(work.connection, work.actor.person, password)
    forget_codes(work.connection, work.access.secret, work.actor.email)
    ended = end_sessions(work.connection, work.actor.person, "Your password was changed.", but=work.actor.session)
    _tell(work, message("Your password was changed"))
    work.record(Event("change password", Kind.PROFILE, str(work.actor.person), detail={"sessions": ended}))


def prove(work: Work, password: str | None, code: str | None) -> str:
    """Prove once more who one is, by the password or a code; returns the session's new token.

    Raises InvalidInputError, TooManyTriesError.
    """
    actor, methods = work.actor, _methods(work)
    if code is not None:
        methods = (*methods, _take_code(work, code))
    elif password is not None:
        _check_password(work, password, "password")
    else:
        raise InvalidInputError("password", "Give your password or a code.")
    token = renew_session(work.connection, _session(actor), methods, limited=actor.limited)
    work.record(Event("prove", Kind.SESSION, str(actor.session)))
    return token


def begin_generator(work: Work) -> tuple[str, str, str]:
    """A new code generator that waits to be confirmed: secret, address and QR code in SVG."""
    secret = codes.new_secret()
    kept = codes.encrypted(work.access.secret, secret).decode()
    challenges.begin(work.connection, Purpose.TOTP, work.actor.person, secret=kept)
    return secret, *codes.provisioning(secret, work.actor.email, work.access.site)


def confirm_generator(work: Work, code: str) -> tuple[list[str], str]:
    """Take the new code generator into use; new recovery codes, and the session's new token.

    Raises InvalidInputError.
    """
    waiting = challenges.waiting_of(work.connection, Purpose.TOTP, work.actor.person)
    if waiting is None:
        raise InvalidInputError("code", _OVER)
    secret = codes.decrypted(work.access.secret, waiting.data["secret"].encode())
    step = codes.step_of(secret, code)
    if step is None:
        with work.access.connections.application() as apart:
            challenges.count_try(apart, waiting.id)
        raise InvalidInputError("code", "This code is wrong. Is the clock of your device right? Try the next one.")
    if not challenges.answer(work.connection, waiting.id):
        raise InvalidInputError("code", _OVER)
    codes.keep_generator(work.connection, work.access.secret, work.actor.person, secret, step)
    return _strengthened(work, "otp", "add code generator", new_codes=True)


def add_passkey(work: Work, name: str, credential: dict[str, Any]) -> tuple[int, list[str], str]:
    """Keep a new passkey; its id, recovery codes if it is the first second factor, and the session's new token."""
    first = not (has := second_factors(work.connection, work.actor.person)).totp and not has.passkeys
    number = passkeys.add_passkey(work.access, work.connection, work.actor, name, credential)
    shown, token = _strengthened(work, "passkey", "add passkey", new_codes=first)
    return number, shown, token


def new_recovery_codes(work: Work) -> list[str]:
    """New recovery codes in place of all before. Raises ConflictError without a second factor."""
    has = second_factors(work.connection, work.actor.person)
    if not has.totp and not has.passkeys:
        raise ConflictError("Recovery codes stand for a second factor: set one up first.")
    shown = codes.new_recovery_codes(work.connection, work.access.secret, work.actor.person)
    work.record(Event("new recovery codes", Kind.PROFILE, str(work.actor.person)))
    return shown


def remove_generator(work: Work) -> None:
    """Remove the code generator. Raises ConflictError where the role needs it, ThingNotFoundError."""
    has = second_factors(work.connection, work.actor.person)
    _check_enough(work, left=has.passkeys)
    if not codes.remove_generator(work.connection, work.actor.person):
        raise ThingNotFoundError("There is no code generator.")
    _tell(work, message("Your code generator was removed"))
    work.record(Event("remove code generator", Kind.PROFILE, str(work.actor.person)))


def remove_passkey(work: Work, number: int) -> None:
    """Remove a passkey. Raises ConflictError where the role needs it, ThingNotFoundError."""
    has = second_factors(work.connection, work.actor.person)
    if not passkeys.remove_passkey(work.connection, work.actor.person, number):
        raise ThingNotFoundError(f"You have no passkey {number}.")
    _check_enough(work, left=has.passkeys - 1 + has.totp)
    _tell(work, message("A passkey of yours was removed"))
    work.record(Event("remove passkey", Kind.PROFILE, str(work.actor.person), detail={"passkey": number}))


def end_own_session(work: Work, number: int) -> None:
    """End one of one's own sessions. Raises ThingNotFoundError."""
    mine = sa.select(_S.c.id).where(_S.c.id == number, _S.c.person_id == work.actor.person)
    if work.connection.execute(mine).one_or_none() is None:
        raise ThingNotFoundError(f"You have no session {number}.")
    end_session(work.connection, number, "You ended this session from another one.")
    work.record(Event("end", Kind.SESSION, str(number)))


def end_other_sessions(work: Work) -> int:
    """End all of one's sessions but this one; how many."""
    reason = "You ended this session from another one."
    ended = end_sessions(work.connection, work.actor.person, reason, but=work.actor.session)
    work.record(Event("end", Kind.SESSION, "others", detail={"sessions": ended}))
    return ended


def _strengthened(work: Work, method: str, action: str, *, new_codes: bool) -> tuple[list[str], str]:
    """What follows from a new second factor: recovery codes, and the session goes on whole with a new token."""
    actor = work.actor
    shown = codes.new_recovery_codes(work.connection, work.access.secret, actor.person) if new_codes else []
    token = renew_session(work.connection, _session(actor), (*_methods(work), method), limited=False)
    _tell(work, message("A second factor was added to your account"))
    work.record(Event(action, Kind.PROFILE, str(actor.person)))
    return shown, token


def _check_enough(work: Work, left: int) -> None:
    if not left and needs_second_factor(work.connection, work.actor.person):
        raise ConflictError("Your role needs a second factor: add another one before you remove the last.")


def _check_password(work: Work, password: str, parameter: str) -> None:
    counted = counters(work.access.secret, Guess.PASSWORD, work.actor.email, work.browser)
    check_pace(work.connection, counted)
    if not is_password(work.connection, work.actor.person, password):
        with work.access.connections.application() as apart:
            count_failure(apart, counted)
        raise InvalidInputError(parameter, "This is not your password.")


def _take_code(work: Work, code: str) -> str:
    counted = counters(work.access.secret, Guess.CODE, work.actor.email, work.browser)
    check_pace(work.connection, counted)
    method = codes.take_code(work.connection, work.access.secret, work.actor.person, code)
    if method is None:
        with work.access.connections.application() as apart:
            count_failure(apart, counted)
        raise InvalidInputError("code", "This code is wrong, has run out or was used before.")
    return method


def _methods(work: Work) -> tuple[str, ...]:
    return tuple(work.connection.execute(sa.select(_S.c.methods).where(_S.c.id == work.actor.session)).scalar_one())


def _session(actor: Actor) -> int:
    if actor.session is None:
        raise ConflictError("This is done in a browser, not with an API key.")
    return actor.session


def _tell(work: Work, title: str) -> None:
    """Tell the owner what changed. title: a message."""

    def written(language: Language) -> Message:
        advice = message("If it was not you, end all sessions, set a new password and tell your administrator.")
        return Message(language.text(title), language.text(advice), "/workspace/profile")

    tell(work.connection, (work.actor.person,), written)
