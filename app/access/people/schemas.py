"""Organisations, people, mandates and invitations over the wire."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.access.wire import In, Out

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)*$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400, pattern=r"^(https?://[^\s<>\"]+)?$")]
MandateState = Literal["upcoming", "running", "ended"]


class OrganisationOut(Out):
    """An organisation. people: how many hold a mandate from it that has not ended."""

    id: int
    name: str
    country: str | None
    url: str
    people: int


class OrganisationIn(In):
    """A new organisation. country: of its member state, none for one of the region."""

    name: Name
    country: Country | None = None
    url: Url = ""


class OrganisationChange(In):
    """What changes of an organisation."""

    name: Name | None = None
    url: Url | None = None


class HeldMandateOut(Out):
    """A mandate of a person, past, running or to come."""

    id: int
    role: str
    role_title: str
    trust: str
    country: str | None
    organisation_id: int
    organisation: str
    starts: date
    ends: date
    state: MandateState
    ended_at: datetime | None
    ended_reason: str
    successor: int | None


class PersonOut(Out):
    """A person with all mandates one may see. invited: whether an invitation waits for them."""

    id: int
    name: str
    email: str
    country: str | None
    created_at: datetime
    closed: bool
    invited: bool
    mandates: list[HeldMandateOut]


class PeopleOut(Out):
    """A page of people by name. next: where the next page starts."""

    people: list[PersonOut]
    total: int
    next: str | None


class WaitingInvitationOut(Out):
    """An invitation that waits to be accepted."""

    id: int
    expires_at: datetime


class PersonDetailOut(PersonOut):
    """A person. may: what the asking person may do to them: close, invite-again, sessions."""

    invitation: WaitingInvitationOut | None
    may: list[str]


class MandateIn(In):
    """A further mandate for somebody who has an account."""

    person: int
    organisation: int
    role: str
    country: Country | None = None
    starts: date
    ends: date


class InvitationIn(In):
    """Whom to invite, and the mandate they get."""

    email: Email
    name: Name
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = "en"
    organisation: int
    country: Country | None = None
    role: str
    starts: date
    ends: date


class InvitationOut(Out):
    """An invitation. link: how it is accepted, only where no mail is sent from here."""

    id: int
    person: int
    expires_at: datetime
    link: str | None


class RenewIn(In):
    """The new last day of a mandate."""

    ends: date


class SuccessorIn(In):
    """Whose mandate the open work goes to when another runs out, None is nobody's."""

    successor: int | None


class EndIn(In):
    """Why a mandate ends now, and whose mandate its open work goes to."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    successor: int | None = None


class EndedOut(Out):
    """An ended mandate. handed_over: pieces of open work that went to the successor, or wait for a new holder."""

    mandate: HeldMandateOut
    handed_over: int


class ExpiringOut(Out):
    """A mandate and whose it is."""

    person: int
    name: str
    email: str
    mandate: HeldMandateOut


class SessionOut(Out):
    """A session of somebody."""

    id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    methods: list[str]


class RoleOut(Out):
    """A role. national: held for a member state, for the region, or either (none)."""

    role: str
    title: str
    description: str
    trust: str
    national: bool | None
    second_factor: bool


class PolicyOut(Out):
    """A right of the table of rights."""

    role: str
    kind: str
    action: str
    reach: str
    state: str | None


class ExplainOut(Out):
    """Whether the asking person may do something, and why."""

    allowed: bool
    why: str
    policy: PolicyOut | None = None


MostPeople = Annotated[int, Field(ge=1, le=200)]
