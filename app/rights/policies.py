"""The rights of every role as one table: role, kind and state of the work, action, and how far the right reaches.

The API asks `decide`, lists filter by the reach, `GET /api/v1/access/explain` tells the reasons, and PostgreSQL's
row-level security reads the same rows from ``access.policy``, where they are written whenever rights are set.
What is not in the table is not allowed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from app.rights.roles import Role, Trust


class Kind(StrEnum):
    """What a right is about."""

    API_KEY = "api-key"
    AUDIT = "audit"
    INVITATION = "invitation"
    MANDATE = "mandate"
    NOTICE = "notice"
    ORGANISATION = "organisation"
    PERSON = "person"
    PROFILE = "profile"
    SESSION = "session"
    SUBMISSION = "submission"


class Action(StrEnum):
    """What is done."""

    CLOSE = "close"
    CREATE = "create"
    DELETE = "delete"
    END = "end"
    EXPORT = "export"
    READ = "read"
    RENEW = "renew"
    UPDATE = "update"


class Reach(IntEnum):
    """How far a right reaches: one's own things, those of one's member state, those of the whole region."""

    OWN = 1
    STATE = 2
    REGION = 3


class Stage(StrEnum):
    """Where a submission stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Policy:
    """One right. state: of the thing it is about (of a mandate: what it entrusts); None is any."""

    role: Role
    kind: Kind
    action: Action
    reach: Reach
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """What a right is asked about. country: the member state it is of, None is the region. owner: a person's id."""

    kind: Kind
    state: str | None = None
    country: str | None = None
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks. country: the member state they act for, None is the region."""

    person: int
    role: Role
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is allowed, by which policy, and why (not), for a person."""

    allowed: bool
    why: str
    policy: Policy | None = None


def _allow(
    roles: Iterable[Role], kind: Kind, actions: Iterable[Action], reach: Reach, states: Iterable[str | None] = (None,)
) -> Iterator[Policy]:
    states = tuple(states)
    for role in roles:
        for action in actions:
            yield from (Policy(role, kind, action, reach, state) for state in states)


_EVERYBODY = tuple(Role)
_NATIONAL = (Role.NATIONAL_ADMINISTRATOR, Role.CONTRIBUTOR, Role.NATIONAL_REVIEWER)
_BEFORE_REGION = (Stage.DRAFT, Stage.RETURNED, Stage.WITHDRAWN)
_AT_REGION = (Stage.SUBMITTED, Stage.APPROVED, Stage.PUBLISHED, Stage.REJECTED)
_A = Action

POLICIES: tuple[Policy, ...] = (
    *_allow(_EVERYBODY, Kind.PROFILE, (_A.READ, _A.UPDATE), Reach.OWN),
    *_allow(_EVERYBODY, Kind.SESSION, (_A.READ, _A.END), Reach.OWN),
    *_allow((Role.SECRETARIAT,), Kind.SESSION, (_A.READ, _A.END), Reach.REGION),
    *_allow(_EVERYBODY, Kind.NOTICE, (_A.READ, _A.UPDATE), Reach.OWN),
    *_allow(_EVERYBODY, Kind.API_KEY, (_A.READ, _A.CREATE, _A.END), Reach.OWN),
    *_allow((Role.NATIONAL_ADMINISTRATOR,), Kind.API_KEY, (_A.READ, _A.END), Reach.STATE),
    *_allow((Role.SECRETARIAT,), Kind.API_KEY, (_A.READ, _A.END), Reach.REGION),
    *_allow(_EVERYBODY, Kind.ORGANISATION, (_A.READ,), Reach.REGION),
    *_allow((Role.NATIONAL_ADMINISTRATOR,), Kind.ORGANISATION, (_A.CREATE, _A.UPDATE), Reach.STATE),
    *_allow((Role.SECRETARIAT,), Kind.ORGANISATION, (_A.CREATE, _A.UPDATE), Reach.REGION),
    *_allow(_EVERYBODY, Kind.PERSON, (_A.READ,), Reach.OWN),
    *_allow(_NATIONAL, Kind.PERSON, (_A.READ,), Reach.STATE),
    *_allow((Role.NATIONAL_ADMINISTRATOR,), Kind.PERSON, (_A.CREATE, _A.CLOSE), Reach.STATE),
    *_allow((Role.SECRETARIAT,), Kind.PERSON, (_A.READ, _A.CREATE, _A.CLOSE), Reach.REGION),
    *_allow(_EVERYBODY, Kind.MANDATE, (_A.READ,), Reach.OWN),
    *_allow(_NATIONAL, Kind.MANDATE, (_A.READ,), Reach.STATE),
    *_allow((Role.NATIONAL_ADMINISTRATOR,), Kind.MANDATE, (_A.CREATE, _A.RENEW, _A.END), Reach.STATE, (Trust.WORK,)),
    *_allow((Role.SECRETARIAT,), Kind.MANDATE, (_A.READ, _A.CREATE, _A.RENEW, _A.END), Reach.REGION),
    *_allow((Role.NATIONAL_ADMINISTRATOR,), Kind.INVITATION, (_A.READ, _A.CREATE, _A.END), Reach.STATE, (Trust.WORK,)),
    *_allow((Role.SECRETARIAT,), Kind.INVITATION, (_A.READ, _A.CREATE, _A.END), Reach.REGION),
    *_allow(_EVERYBODY, Kind.AUDIT, (_A.READ,), Reach.OWN),
    *_allow((Role.NATIONAL_ADMINISTRATOR,), Kind.AUDIT, (_A.READ, _A.EXPORT), Reach.STATE),
    *_allow((Role.SECRETARIAT,), Kind.AUDIT, (_A.READ, _A.EXPORT), Reach.REGION),
    # A member state's drafts are its own until it submits them: neither secretariat nor regional reviewer sees them.
    *_allow(_NATIONAL, Kind.SUBMISSION, (_A.READ,), Reach.STATE),
    *_allow((Role.CONTRIBUTOR,), Kind.SUBMISSION, (_A.CREATE,), Reach.STATE),
    *_allow((Role.CONTRIBUTOR,), Kind.SUBMISSION, (_A.UPDATE, _A.DELETE), Reach.OWN, _BEFORE_REGION),
    *_allow((Role.SECRETARIAT, Role.REGIONAL_REVIEWER), Kind.SUBMISSION, (_A.READ,), Reach.REGION, _AT_REGION),
)

_REACHES = {Reach.OWN: "their own", Reach.STATE: "their member state's", Reach.REGION: "the region's"}


def decide(party: Party, action: Action, thing: Thing) -> Decision:
    """Whether a party may do something to a thing, by the policy that allows it, or why not."""
    mine = rights(party.role, thing.kind, action)
    if not mine:
        return Decision(False, f"A {party.role.value} may not {action} {_plural(thing.kind)}.")
    fitting = [one for one in mine if one.state is None or one.state == thing.state]
    if not fitting:
        states = ", ".join(sorted({str(one.state) for one in mine}))
        return Decision(False, f"A {party.role.value} may {action} {_plural(thing.kind)} that are: {states}.")
    widest = max(fitting, key=lambda one: one.reach)
    if _covers(party, widest.reach, thing):
        whose = _REACHES[widest.reach]
        return Decision(True, f"A {party.role.value} may {action} {whose} {_plural(thing.kind)}.", widest)
    whose = _REACHES[widest.reach]
    return Decision(False, f"A {party.role.value} may {action} only {whose} {_plural(thing.kind)}.")


def rights(role: Role, kind: Kind | None = None, action: Action | None = None) -> tuple[Policy, ...]:
    """The policies of a role, of a kind and action if they are given."""
    return tuple(
        one
        for one in POLICIES
        if one.role is role and (kind is None or one.kind is kind) and (action is None or one.action is action)
    )


def _covers(party: Party, reach: Reach, thing: Thing) -> bool:
    if reach is Reach.REGION:
        return True
    if reach is Reach.STATE and party.country is not None and thing.country == party.country:
        return True
    return thing.owner == party.person


def _plural(kind: Kind) -> str:
    return {Kind.PERSON: "people", Kind.AUDIT: "audit lines", Kind.API_KEY: "API keys", Kind.PROFILE: "profiles"}.get(
        kind, f"{kind.value}s"
    )
