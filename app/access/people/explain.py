"""Why something is allowed or not, for the person who asks."""

from collections.abc import Callable, Mapping

from app.access.people import queries
from app.access.work import Work
from app.errors import ThingNotFoundError
from app.rights.policies import Action, Decision, Kind, Thing

Find = Callable[[Work, int], Thing]


def explained(work: Work, kind: Kind, action: Action, number: int | None) -> Decision:
    """The decision on a thing of a kind, or on one of the person's own if none is named.

    A thing that the person may not see is told of as one that is not there.
    """
    if number is None:
        own = Thing(kind, None, work.actor.country, work.actor.person)
        return work.decide(action, own)
    find = work.access.things.get(kind) or _FINDERS.get(kind)
    if find is None:
        return Decision(False, f"Nothing is explained of one {kind.value} alone; ask without its number.")
    try:
        return work.decide(action, find(work, number))
    except ThingNotFoundError:
        return Decision(False, f"There is no {kind.value} {number}, or it is not for you to see.")


def _person(work: Work, number: int) -> Thing:
    found = queries.person(work.connection, number)
    return Thing(Kind.PERSON, country=found["country"], owner=number)


def _mandate(work: Work, number: int) -> Thing:
    found = queries.mandate(work.connection, number)
    return Thing(Kind.MANDATE, found["trust"], found["country"], found["person_id"])


def _organisation(work: Work, number: int) -> Thing:
    return Thing(Kind.ORGANISATION, country=queries.organisation(work.connection, number)["country"])


_FINDERS: Mapping[Kind, Find] = {Kind.PERSON: _person, Kind.MANDATE: _mandate, Kind.ORGANISATION: _organisation}
