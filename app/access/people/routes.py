"""/api/v1/access: organisations, people, mandates, invitations, and what the rights are."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from app.access.doors import Allowed
from app.access.people import mandates, queries, service
from app.access.people.explain import explained
from app.access.people.schemas import (
    EndedOut,
    EndIn,
    ExpiringOut,
    ExplainOut,
    HeldMandateOut,
    InvitationIn,
    InvitationOut,
    MandateIn,
    MostPeople,
    OrganisationChange,
    OrganisationIn,
    OrganisationOut,
    PeopleOut,
    PersonDetailOut,
    PersonOut,
    PolicyOut,
    RenewIn,
    RoleOut,
    SessionOut,
    SuccessorIn,
    WaitingInvitationOut,
)
from app.access.work import Work
from app.problems import PROBLEMS
from app.rights.policies import POLICIES, Action, Kind, Policy, Thing
from app.rights.roles import TERMS

router = APIRouter(prefix="/access", tags=["People"], responses=PROBLEMS)


def _door(kind: Kind, action: Action) -> Any:
    return Depends(Allowed(kind, action), scope="function")


_ReadsOrganisations = Annotated[Work, _door(Kind.ORGANISATION, Action.READ)]
_ReadsPeople = Annotated[Work, _door(Kind.PERSON, Action.READ)]
_ReadsMandates = Annotated[Work, _door(Kind.MANDATE, Action.READ)]
_Invites = Annotated[Work, _door(Kind.INVITATION, Action.CREATE)]


@router.get("/organisations", summary="Organisations")
def organisations(work: _ReadsOrganisations, q: Annotated[str, Query(max_length=100)] = "") -> list[OrganisationOut]:
    """The organisations whose name holds a text."""
    return [OrganisationOut.model_validate(one) for one in queries.organisations(work.connection, q)]


@router.post("/organisations", summary="Add an organisation", status_code=201)
def create_organisation(
    asked: OrganisationIn, work: Annotated[Work, _door(Kind.ORGANISATION, Action.CREATE)]
) -> OrganisationOut:
    """The new organisation."""
    number = service.create_organisation(work, asked.name, asked.country, asked.url)
    return OrganisationOut(id=number, name=asked.name, country=asked.country, url=asked.url, people=0)


@router.patch("/organisations/{number}", summary="Change an organisation")
def change_organisation(
    number: int, asked: OrganisationChange, work: Annotated[Work, _door(Kind.ORGANISATION, Action.UPDATE)]
) -> OrganisationOut:
    """The organisation as it is now."""
    service.change_organisation(work, number, asked.name, asked.url)
    found = next(one for one in queries.organisations(work.connection) if one["id"] == number)
    return OrganisationOut.model_validate(found)


@router.get("/people", summary="People and their mandates")
def people(
    work: _ReadsPeople,
    q: Annotated[str, Query(max_length=100)] = "",
    country: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    role: str | None = None,
    state: Literal["running", "upcoming", "ended", "invited"] | None = None,
    limit: MostPeople = 50,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> PeopleOut:
    """A page of the people one may see, by name."""
    wanted = mandates.read_role(role) if role else None
    found = queries.people(work.connection, queries.PeopleFilter(q, country, wanted, state, limit, cursor))
    return PeopleOut(people=[_person(one) for one in found.rows], total=found.total, next=found.next)


@router.get("/people/{number}", summary="A person")
def person(number: int, work: _ReadsPeople) -> PersonDetailOut:
    """A person with mandates, the invitation that waits, and what one may do to them."""
    return _detail(work, number)


@router.post("/people/{number}/close", summary="Close an account for good")
def close(number: int, work: Annotated[Work, _door(Kind.PERSON, Action.CLOSE)]) -> PersonDetailOut:
    """The person whose account is closed."""
    service.close_account(work, number)
    return _detail(work, number)


@router.get("/people/{number}/sessions", summary="Where a person is signed in")
def sessions(number: int, work: Annotated[Work, _door(Kind.SESSION, Action.READ)]) -> list[SessionOut]:
    """The open sessions of a person."""
    found = queries.person(work.connection, number)
    work.require(Action.READ, Thing(Kind.SESSION, country=found["country"], owner=number))
    return [SessionOut.model_validate(one) for one in queries.open_sessions(work.connection, number)]


@router.delete("/people/{number}/sessions", summary="Sign a person out everywhere", status_code=204)
def end_sessions(number: int, work: Annotated[Work, _door(Kind.SESSION, Action.END)]) -> None:
    """All sessions of the person are ended."""
    service.end_sessions_of(work, number)


@router.post("/invitations", summary="Invite a person", status_code=201)
def invite(asked: InvitationIn, work: _Invites) -> InvitationOut:
    """The invitation, with its link where no mail is sent from here."""
    role = mandates.read_role(asked.role)
    given = mandates.Appointment(role, asked.organisation, asked.country, asked.starts, asked.ends)
    return _invitation(work, service.invite(work, asked.email, asked.name, asked.language, given))


@router.post("/invitations/{number}/again", summary="Replace an invitation by a new one", status_code=201)
def invite_again(number: int, work: _Invites) -> InvitationOut:
    """The new invitation; the one before is void."""
    return _invitation(work, service.invite_again(work, number))


@router.delete("/invitations/{number}", summary="Take an invitation back", status_code=204)
def revoke(number: int, work: Annotated[Work, _door(Kind.INVITATION, Action.END)]) -> None:
    """The link opens nothing any more."""
    service.revoke_invitation(work, number)


@router.get("/mandates", summary="Mandates that end soon")
def expiring(
    work: _ReadsMandates, expiring: Annotated[int, Query(ge=0, le=1100, description="Within so many days.")] = 60
) -> list[ExpiringOut]:
    """The running mandates that end within so many days."""
    return [ExpiringOut.model_validate(one) for one in queries.expiring(work.connection, expiring)]


@router.post("/mandates", summary="Give somebody a further mandate", status_code=201)
def grant(asked: MandateIn, work: Annotated[Work, _door(Kind.MANDATE, Action.CREATE)]) -> HeldMandateOut:
    """The new mandate."""
    role = mandates.read_role(asked.role)
    given = mandates.Appointment(role, asked.organisation, asked.country, asked.starts, asked.ends)
    return _mandate(work, mandates.grant_mandate(work, asked.person, given))


@router.post("/mandates/{number}/renew", summary="Renew a mandate")
def renew(number: int, asked: RenewIn, work: Annotated[Work, _door(Kind.MANDATE, Action.RENEW)]) -> HeldMandateOut:
    """The mandate with its new last day."""
    mandates.renew(work, number, asked.ends)
    return _mandate(work, number)


@router.post("/mandates/{number}/successor", summary="Name who takes over when a mandate runs out")
def name_successor(
    number: int, asked: SuccessorIn, work: Annotated[Work, _door(Kind.MANDATE, Action.RENEW)]
) -> HeldMandateOut:
    """The mandate with its successor."""
    mandates.name_successor(work, number, asked.successor)
    return _mandate(work, number)


@router.post("/mandates/{number}/end", summary="End a mandate now")
def end(number: int, asked: EndIn, work: Annotated[Work, _door(Kind.MANDATE, Action.END)]) -> EndedOut:
    """The ended mandate, and how much open work was handed over."""
    handed = mandates.end(work, number, asked.reason, asked.successor)
    return EndedOut(mandate=_mandate(work, number), handed_over=handed)


@router.get("/roles", summary="The roles there are")
def roles(work: _ReadsOrganisations) -> list[RoleOut]:
    """Each role with what it is for."""
    return [RoleOut(role=role.value, **_terms(terms)) for role, terms in TERMS.items()]


@router.get("/policies", summary="The table of rights")
def policies(work: _ReadsOrganisations) -> list[PolicyOut]:
    """Every right of every role; what is not in the table is not allowed."""
    return [_policy(one) for one in POLICIES]


@router.get("/explain", summary="Why something is allowed or not")
def explain(
    work: _ReadsOrganisations,
    kind: Kind,
    action: Action,
    number: Annotated[int | None, Query(alias="id", description="Of a thing; without it, any of the kind.")] = None,
) -> ExplainOut:
    """Whether the asking person may do an action to a thing, and by which right, or why not."""
    decision = explained(work, kind, action, number)
    policy = _policy(decision.policy) if decision.policy else None
    return ExplainOut(allowed=decision.allowed, why=decision.why, policy=policy)


def _person(row: Mapping[Any, Any]) -> PersonOut:
    return PersonOut.model_validate({**row, "closed": row["closed_at"] is not None})


def _detail(work: Work, number: int) -> PersonDetailOut:
    found = queries.person(work.connection, number)
    thing = {"country": found["country"], "owner": number}
    asked = (("close", Action.CLOSE, Kind.PERSON), ("end-sessions", Action.END, Kind.SESSION))
    may = [name for name, action, kind in asked if work.decide(action, Thing(kind, **thing)).allowed]
    waiting = found["invitation"]
    if waiting and work.decide(Action.CREATE, Thing(Kind.INVITATION, waiting["trust"], found["country"])).allowed:
        may.append("invite-again")
    invitation = WaitingInvitationOut.model_validate(waiting) if waiting else None
    return PersonDetailOut(**_person(found).model_dump(), invitation=invitation, may=may)


def _mandate(work: Work, number: int) -> HeldMandateOut:
    return HeldMandateOut.model_validate(queries.mandate(work.connection, number))


def _invitation(work: Work, invited: service.Invited) -> InvitationOut:
    access = work.access
    link = None if access.mails else f"{access.base_url}{service.PATH}{invited.token}"
    return InvitationOut(id=invited.id, person=invited.person, expires_at=invited.expires_at, link=link)


def _policy(one: Policy) -> PolicyOut:
    return PolicyOut(role=one.role, kind=one.kind, action=one.action, reach=one.reach.name.lower(), state=one.state)


def _terms(terms: Any) -> dict[str, Any]:
    names = ("title", "description", "trust", "national", "second_factor")
    return {name: getattr(terms, name) for name in names}
