"""Every role, and nobody, at every route of the collaboration area, to one's own things and those of others.

What is expected follows from the table of rights alone. The routes come from the application: a new one without a door
fails here, and so does one whose path names a thing this module does not know.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.access.actors import today
from app.access.doors import Allowed, Anybody, Outside
from app.rights.policies import Action, Kind, Party, Thing, decide, rights
from app.rights.roles import TERMS, Role
from tests.app.access.cast import Cast

OPEN = ("/api/v1/layers", "/api/v1/statistics", "/api/v1/resources", "/api/v1/commodities", "/api/v1/search")
"""Paths of the API that are for everybody, and change nothing."""

ASKERS = (
    *(f"{role.value} IDN" for role, terms in TERMS.items() if terms.national is not False),
    *(f"{role.value} region" for role, terms in TERMS.items() if not terms.national),
)
_BEFORE = str(today() - timedelta(days=1000))

# Bodies that pass the door and the question of rights, and then fail or change nothing that others see.
BODIES: Mapping[str, Callable[[int], Mapping[str, Any]]] = {
    "POST /api/v1/access/mandates/{number}/renew": lambda _: {"ends": _BEFORE},
    "POST /api/v1/access/mandates/{number}/end": lambda number: {"successor": number},
    "POST /api/v1/access/mandates/{number}/successor": lambda number: {"successor": number},
}


@dataclass(frozen=True)
class Target:
    """A thing of the cast that a path can name. seen: as what it is found, whoever may then act on it."""

    label: str
    number: int
    thing: Thing
    seen: Thing


def routes(cast: Cast) -> list[RouteContext]:
    """The routes of the JSON API, as the application has them."""
    found = iter_route_contexts(cast.app.routes)
    return [route for route in found if isinstance(route.original_route, APIRoute)]


def door_of(route: RouteContext) -> Allowed | Anybody | Outside | None:
    doors = [one.call for one in route.dependant.dependencies if isinstance(one.call, Allowed | Anybody | Outside)]
    assert len(doors) <= 1, f"{route.path} has two doors"
    return doors[0] if doors else None


def test_every_route_of_the_api_has_a_door(shared_cast: Cast) -> None:
    without = {
        (method, route.path)
        for route in routes(shared_cast)
        for method in route.methods
        if door_of(route) is None and not (method == "GET" and route.path.startswith(OPEN))
    }
    assert without == set()
    assert len(routes(shared_cast)) > 25


def test_only_signing_in_is_open_to_everybody_and_changes_something(shared_cast: Cast) -> None:
    """What anybody may ask for is few and named: a right that is forgotten must not hide among it."""
    changing = {
        route.path.removeprefix("/api/v1/access/").split("/")[0]
        for route in routes(shared_cast)
        if isinstance(door_of(route), Anybody | Outside) and route.methods - {"GET", "HEAD"}
    }
    assert changing <= {"sign-in", "invitation", "password", "sso"}


def guarded(cast: Cast) -> list[tuple[str, RouteContext, Allowed]]:
    return [
        (f"{method} {route.path}", route, door)
        for route in routes(cast)
        if isinstance(door := door_of(route), Allowed)
        for method in sorted(route.methods)
    ]


def targets(cast: Cast, path: str, kind: Kind) -> list[Target | None]:
    """The things a path can be asked of: one's own, of one's state, of another one, of the region."""
    if "{" not in path:
        return [None]
    first = path.removeprefix("/api/v1/").removeprefix("access/").split("/")[0]
    return list(_TARGETS[first](cast, kind))


def _people(cast: Cast, kind: Kind) -> Iterator[Target]:
    for name in ("contributor IDN", "contributor MYS", "secretariat region", "national-administrator IDN"):
        one = cast[name]
        thing = Thing(kind, country=one.country, owner=one.person)
        yield Target(name, one.person, thing, Thing(Kind.PERSON, country=one.country, owner=one.person))


def _mandates(cast: Cast, kind: Kind) -> Iterator[Target]:
    for name in ("contributor IDN", "contributor MYS", "national-administrator IDN", "regional-reviewer region"):
        one = cast[name]
        thing = Thing(kind, TERMS[one.role].trust, one.country, one.person)
        yield Target(name, one.mandate, thing, thing)


def _organisations(cast: Cast, kind: Kind) -> Iterator[Target]:
    for name in ("contributor IDN", "contributor MYS", "secretariat region"):
        one = cast[name]
        thing = Thing(kind, country=one.country)
        yield Target(name, one.organisation, thing, thing)


def _submissions(cast: Cast, kind: Kind) -> Iterator[Target]:
    for (country, stage), number in cast.submissions.items():
        thing = Thing(kind, stage, country, cast[f"contributor {country}"].person)
        yield Target(f"{country} {stage}", number, thing, thing)


def _nothing(cast: Cast, kind: Kind) -> Iterator[Target]:
    """Things that the cast has none of, or that only their owner knows: to everybody else they are not there."""
    nobody = Thing(kind, owner=-1)
    yield Target("of nobody", 2**40, nobody, Thing(Kind.PROFILE, owner=-1))


_TARGETS: Mapping[str, Any] = {
    "people": _people,
    "mandates": _mandates,
    "organisations": _organisations,
    "submissions": _submissions,
    "invitations": _nothing,
    "keys": _nothing,
    "notices": _nothing,
    "passkeys": _nothing,
    "sessions": _nothing,
}


def expected(cast: Cast, asker: str | None, door: Allowed, target: Target | None) -> set[int] | None:
    """Statuses of the answer that the table of rights asks for; None: any that neither refuses nor hides."""
    if asker is None:
        return {401}
    member = cast[asker]
    party = Party(member.person, member.role, member.country)
    if not rights(member.role, door.kind, door.action):
        return {403}
    if target is None:
        return None
    if not decide(party, Action.READ, target.seen).allowed:
        return {404}
    return None if decide(party, door.action, target.thing).allowed else {403}


def test_matrix(shared_cast: Cast) -> None:
    cells, wrong = 0, []
    for name, route, door in guarded(shared_cast):
        for target in targets(shared_cast, route.path, door.kind):
            for asker in (None, *ASKERS):
                wanted = expected(shared_cast, asker, door, target)
                status = ask(shared_cast, asker, name, target)
                if status == 404 and wanted is None and name == "DELETE /api/v1/access/totp":
                    continue  # the cast has no code generators to remove
                cells += 1
                if status not in wanted if wanted else status in (401, 403, 404) or status >= 500:
                    wrong.append(
                        f"{asker}: {name} {target.label if target else ''}: {status}, not {wanted or 'allowed'}"
                    )
    assert wrong == []
    assert cells >= 400


def ask(cast: Cast, asker: str | None, name: str, target: Target | None) -> int:
    method, _, path = name.partition(" ")
    address = path if target is None else path.replace(path[path.index("{") : path.index("}") + 1], str(target.number))
    made = BODIES.get(name, lambda _: {})
    body = {"json": made(target.number if target else 0)} if method in ("POST", "PATCH", "PUT") else {}
    status = cast.client(asker).request(method, address, **body).status_code
    if method != "GET":
        restore(cast)
    return int(status)


def restore(cast: Cast) -> None:
    """Open again what a cell has ended: sessions are all it can end with these bodies."""
    cast.change("UPDATE access.session SET ended_at = NULL, ended_reason = '' WHERE ended_at IS NOT NULL")
    cast.change("UPDATE access.person SET closed_at = NULL WHERE closed_at IS NOT NULL")


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_told_its_rights_as_the_table_has_them(shared_cast: Cast, role: Role) -> None:
    name = next(one for one in ASKERS if one.startswith(f"{role.value} "))
    told = shared_cast.client(name).get("/api/v1/access/me").json()["may"]
    flat = {(one["kind"], one["action"], one["reach"], state) for one in told for state in one["states"] or [None]}
    assert flat == {(one.kind, one.action, one.reach.name.lower(), one.state) for one in rights(role)}
