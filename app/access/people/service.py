"""Organisations, accounts and invitations: made, changed and closed by those whose mandate covers it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import sqlalchemy as sa

from app.access.models import ApiKey, Invitation, Mandate, Organisation, Passkey, Person, RecoveryCode, Totp
from app.access.people import queries
from app.access.people.mandates import Appointment, appoint, check_member
from app.access.sessions import end_sessions
from app.access.telling import reader_of, tell
from app.access.tokens import new_token, token_hash
from app.access.work import Work
from app.audit.service import Event, Who, record
from app.db.base import table_of
from app.errors import ConflictError, ThingNotFoundError
from app.languages import Language, message
from app.notices.mail import invitation_mail
from app.notices.service import Message, send
from app.rights.policies import Action, Kind, Thing
from app.rights.roles import TERMS, Role

INVITATION_LASTS = timedelta(days=7)
FIRST_LASTS = timedelta(hours=24)
"""The invitation of an account made on the command line, which is printed there, opens it only so long."""

PATH = "/workspace/invitation#"
"""Where an invitation is accepted; the token stands behind the #, which no server and no log sees."""

_P, _I, _O, _K = (table_of(one) for one in (Person, Invitation, Organisation, ApiKey))
_T, _W, _R = (table_of(one) for one in (Totp, Passkey, RecoveryCode))


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as it is handed on. token: shown once."""

    id: int
    person: int
    expires_at: datetime
    token: str


def create_organisation(work: Work, name: str, country: str | None, url: str) -> int:
    """Add an organisation; its id. Raises ConflictError for one that is there already."""
    work.require(Action.CREATE, Thing(Kind.ORGANISATION, country=country))
    check_member(work.access.members, country)
    insert = sa.insert(_O).values(name=name, country=country, url=url).returning(_O.c.id)
    number = _unique(work.connection, insert, f"There is already an organisation named {name!r} there.")
    work.record(Event("create", Kind.ORGANISATION, str(number), country=country, detail={"name": name}))
    return number


def change_organisation(work: Work, number: int, name: str | None, url: str | None) -> None:
    """Change an organisation's name or address. Raises ThingNotFoundError, ConflictError."""
    before = queries.organisation(work.connection, number)
    work.require(Action.UPDATE, Thing(Kind.ORGANISATION, country=before["country"]))
    values = {key: value for key, value in (("name", name), ("url", url)) if value is not None}
    if values:
        update = sa.update(_O).where(_O.c.id == number).values(values).returning(_O.c.id)
        _unique(work.connection, update, f"There is already an organisation named {name!r} there.")
    was = {key: before[key] for key in values}
    work.record(
        Event("update", Kind.ORGANISATION, str(number), country=before["country"], detail={"from": was, "to": values})
    )


def invite(work: Work, email: str, name: str, language: str, given: Appointment) -> Invited:
    """Open an account for a person with a mandate, and the invitation to it.

    Raises NotAllowedError, InvalidInputError for a mandate that cannot be, ConflictError for an address that has an
    account.
    """
    trust = TERMS[given.role].trust
    work.require(Action.CREATE, Thing(Kind.INVITATION, trust, given.country))
    insert = sa.insert(_P).values(name=name, email=email, language=language, country=given.country).returning(_P.c.id)
    taken = f"{email} has an account already. If you cannot see it, ask the secretariat; else give it a mandate."
    person = _unique(work.connection, insert, taken)
    appoint(work, person, given)
    invited = _invitation(work, person, given.country, trust)
    detail = {"email": email, "role": given.role.value}
    work.record(Event("create", Kind.INVITATION, str(invited.id), country=given.country, detail=detail))
    return invited


def invite_again(work: Work, number: int) -> Invited:
    """Replace an invitation by a new one. Raises ThingNotFoundError, ConflictError when it was used."""
    before = _open_invitation(work, number, Action.CREATE)
    person = queries.person(work.connection, before["person_id"])
    _revoke(work, number)
    invited = _invitation(work, person["id"], before["country"], before["trust"])
    work.record(
        Event("create", Kind.INVITATION, str(invited.id), country=before["country"], detail={"instead_of": number})
    )
    return invited


def revoke_invitation(work: Work, number: int) -> None:
    """Take an invitation back. Raises ThingNotFoundError, ConflictError when it was used."""
    before = _open_invitation(work, number, Action.END)
    _revoke(work, number)
    work.record(Event("end", Kind.INVITATION, str(number), country=before["country"]))


def close_account(work: Work, number: int) -> None:
    """Close a person's account for good: sessions and keys end at once. Raises ThingNotFoundError, ConflictError."""
    found = queries.person(work.connection, number)
    work.require(Action.CLOSE, Thing(Kind.PERSON, country=found["country"], owner=number))
    if number == work.actor.person:
        raise ConflictError("Nobody closes their own account; ask another administrator.")
    if found["closed_at"] is not None:
        raise ConflictError(f"{found['name']}'s account is closed already.")
    running = [one for one in found["mandates"] if one["state"] != "ended"]
    if running:
        raise ConflictError(
            f"{found['name']} has a mandate that has not ended. End it first, so that work is handed over."
        )
    work.connection.execute(sa.update(_P).where(_P.c.id == number).values(closed_at=sa.func.clock_timestamp()))
    work.aside(lambda connection: shut_out(connection, number, "This account has been closed."))
    work.record(Event("close", Kind.PERSON, str(number), country=found["country"]))


def shut_out(connection: sa.Connection, person: int, reason: str) -> None:
    """End all sessions and keys of a person."""
    end_sessions(connection, person, reason)
    revoked = sa.update(_K).where(_K.c.person_id == person, _K.c.revoked_at.is_(None))
    connection.execute(revoked.values(revoked_at=sa.func.clock_timestamp()))


def end_sessions_of(work: Work, number: int) -> int:
    """End all sessions of a person, but the one that asks; how many. Raises ThingNotFoundError, NotAllowedError."""
    found = queries.person(work.connection, number)
    work.require(Action.END, Thing(Kind.SESSION, country=found["country"], owner=number))
    reason = "An administrator has ended your sessions. Sign in again."
    ended = end_sessions(work.connection, number, reason, but=work.actor.session)
    work.record(Event("end", Kind.SESSION, f"person {number}", country=found["country"], detail={"sessions": ended}))
    return ended


def create_account(
    connection: sa.Connection, email: str, name: str, organisation: str, given: tuple[Role, str | None, date, date]
) -> Invited:
    """Open an account from the command line, as the application: the first one of a new installation is made so.

    organisation: its name; it is added if it is not there. given: role, member state, first and last day of the
    mandate. Raises ConflictError for an address that has an account.
    """
    role, country, starts, ends = given
    named = sa.and_(sa.func.lower(_O.c.name) == organisation.lower(), _O.c.country.is_not_distinct_from(country))
    known = sa.select(_O.c.id).where(named)
    insert = sa.insert(_O).values(name=organisation, country=country).returning(_O.c.id)
    found = connection.execute(known).scalar_one_or_none() or connection.execute(insert).scalar_one()
    account = sa.insert(_P).values(name=name, email=email, country=country).returning(_P.c.id)
    person = _unique(connection, account, f"{email} has an account already.")
    mandate = {"person_id": person, "organisation_id": found, "role": role.value, "country": country}
    connection.execute(sa.insert(table_of(Mandate)).values(**mandate, starts=starts, ends=ends))
    invited = _printed_invitation(connection, person, country, TERMS[role].trust)
    detail = {"email": email, "role": role.value}
    made = Event("create", Kind.INVITATION, str(invited.id), country=country, detail=detail)
    record(connection, Who(None, "amdis user create"), made)
    return invited


def renew_invitation(connection: sa.Connection, email: str) -> Invited:
    """Replace the invitation of somebody who has not set their account up, from the command line.

    Raises ThingNotFoundError, ConflictError when the account was set up or closed.
    """
    person = _account(connection, email)
    before = connection.execute(
        sa.select(_I).where(_I.c.person_id == person.id).order_by(_I.c.id.desc()).limit(1)
    ).one_or_none()
    if before is None or person.closed_at is not None:
        raise ConflictError(f"The account of {person.email} is closed, or was never invited to.")
    used = sa.select(_I.c.id).where(_I.c.person_id == person.id, _I.c.used_at.is_not(None)).limit(1)
    if connection.execute(used).one_or_none() is not None:
        raise ConflictError(f"{person.name} has set up the account already, and can ask for a new password.")
    waiting = sa.update(_I).where(_I.c.person_id == person.id, _I.c.revoked_at.is_(None))
    connection.execute(waiting.values(revoked_at=sa.func.clock_timestamp()))
    invited = _printed_invitation(connection, person.id, before.country, before.trust)
    detail = {"email": person.email, "instead_of": before.id}
    made = Event("create", Kind.INVITATION, str(invited.id), country=before.country, detail=detail)
    record(connection, Who(None, "amdis user invite-again"), made)
    return invited


def reset_second_factor(connection: sa.Connection, email: str) -> int:
    """Remove what somebody proves who they are by beside the password, and end their sessions; from the command line.

    How many code generators and passkeys there were. Whose role needs one sets it up anew at the next sign-in.
    Raises ThingNotFoundError, ConflictError when there are none.
    """
    person = _account(connection, email)
    removed = {
        table.name: connection.execute(sa.delete(table).where(table.c.person_id == person.id)).rowcount
        for table in (_T, _W, _R)
    }
    factors = removed[_T.name] + removed[_W.name]
    if not any(removed.values()):
        raise ConflictError(f"{person.name} has no second factor.")
    end_sessions(connection, person.id, "Your second factor was reset. Sign in again.")
    tell(connection, (person.id,), _factor_reset)
    reset = Event("reset second factor", Kind.PROFILE, str(person.id), country=person.country, detail=removed)
    record(connection, Who(None, "amdis user reset-second-factor"), reset)
    return factors


def _factor_reset(language: Language) -> Message:
    title = language.text(message("Your second factor was reset"))
    advice = language.text(message("If you did not ask for it, tell your administrator."))
    return Message(title, advice, "/workspace/profile")


def _account(connection: sa.Connection, email: str) -> sa.Row[Any]:
    """The account of an address. Raises ThingNotFoundError."""
    found = connection.execute(sa.select(_P).where(sa.func.lower(_P.c.email) == email.strip().lower())).one_or_none()
    if found is None:
        raise ThingNotFoundError(f"Nobody here has the address {email}. `amdis user list` shows who there is.")
    return found


def _printed_invitation(connection: sa.Connection, person: int, country: str | None, trust: str) -> Invited:
    token, expires_at = new_token(), datetime.now(UTC) + FIRST_LASTS
    values = {"person_id": person, "country": country, "trust": trust, "token_hash": token_hash(token)}
    number = connection.execute(sa.insert(_I).values(**values, expires_at=expires_at).returning(_I.c.id)).scalar_one()
    return Invited(number, person, expires_at, token)


def _invitation(work: Work, person: int, country: str | None, trust: str) -> Invited:
    token, expires_at = new_token(), datetime.now(UTC) + INVITATION_LASTS
    values = {"person_id": person, "country": country, "trust": trust, "token_hash": token_hash(token)}
    insert = sa.insert(_I).values(**values, expires_at=expires_at, created_by=work.actor.person).returning(_I.c.id)
    number = work.connection.execute(insert).scalar_one()
    access, reader = work.access, reader_of(work.connection, person)
    mail = invitation_mail(reader, access.sender, f"{access.base_url}{PATH}{token}", expires_at, work.actor.name)
    work.aside(lambda connection: send(connection, mail))
    return Invited(number, person, expires_at, token)


def _open_invitation(work: Work, number: int, action: Action) -> sa.RowMapping:
    columns = (_I.c[n] for n in ("person_id", "country", "trust", "used_at", "revoked_at"))
    row = work.connection.execute(sa.select(*columns).where(_I.c.id == number)).mappings().one_or_none()
    if row is None:
        raise ThingNotFoundError(f"There is no invitation {number}.")
    work.require(action, Thing(Kind.INVITATION, row["trust"], row["country"]))
    if row["used_at"] is not None or row["revoked_at"] is not None:
        raise ConflictError("This invitation was accepted or taken back already.")
    return row


def _revoke(work: Work, number: int) -> None:
    gone = sa.update(_I).where(_I.c.id == number).values(revoked_at=sa.func.clock_timestamp())
    work.connection.execute(gone)


def _unique(connection: sa.Connection, change: sa.Insert | sa.Update, taken: str) -> int:
    """The id of the row that was written. Raises ConflictError with that text if its name is taken."""
    try:
        return int(connection.execute(change).scalar_one())
    except sa.exc.IntegrityError as error:
        if isinstance(error.orig, psycopg.errors.UniqueViolation):
            raise ConflictError(taken) from None
        raise
