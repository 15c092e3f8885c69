"""The collaboration area with a thousand people and a long log: how long its pages take to get what they show."""

import http.client
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.access.actors import today
from app.access.credentials import COOKIE
from app.access.models import Mandate, Organisation, Person
from app.access.sessions import Browser, open_session
from app.db.base import table_of
from app.db.connections import Connections
from app.db.roles import database_urls
from app.notices.models import Notice
from app.regions import read_region
from app.rights.roles import Role
from tests.bench.figures import quantile
from tests.bench.places import Places
from tests.bench.servers import Server
from tests.bench.single import Single

PEOPLE = 1000
ORGANISATIONS = 20
LINES = 100_000

_ROUNDS = 60
_WARM = 5
_P, _M, _O, _N = (table_of(one) for one in (Person, Mandate, Organisation, Notice))
_ROLES = (Role.CONTRIBUTOR, Role.CONTRIBUTOR, Role.NATIONAL_REVIEWER, Role.NATIONAL_ADMINISTRATOR)

# As the application writes them, one after the other, through the trigger that chains them.
_FILL_LOG = """INSERT INTO audit.line (person_id, name, role, country, action, kind, object, outcome, detail, address)
    SELECT people[1 + n % cardinality(people)], 'Person ' || n % 1000, 'contributor',
        countries[1 + n % cardinality(countries)],
        (ARRAY['sign in', 'create', 'update', 'read', 'renew'])[1 + n % 5],
        (ARRAY['session', 'submission', 'mandate', 'person'])[1 + n % 4], (n % 5000)::text,
        CASE WHEN n % 40 = 0 THEN 'refused' ELSE 'done' END, jsonb_build_object('note', 'line ' || n), '192.0.2.1'
    FROM generate_series(1, :count) AS n,
        (SELECT CAST(:people AS bigint[]) AS people, CAST(:countries AS text[]) AS countries) AS chosen"""

_API = "/api/v1"
_SECRETARIAT: Mapping[str, str] = {
    "the shell": "/workspace",
    "who is signed in": f"{_API}/access/me",
    "inbox": f"{_API}/notices",
    "people": f"{_API}/access/people",
    "people by a part of the name": f"{_API}/access/people?q=son+77",
    "people of a role and state": f"{_API}/access/people?role=contributor&state=running",
    "a person": f"{_API}/access/people/{{person}}",
    "mandates that end soon": f"{_API}/access/mandates?expiring=365",
    "organisations": f"{_API}/access/organisations",
    "API keys": f"{_API}/access/keys",
    "sessions": f"{_API}/access/sessions",
    "submissions": f"{_API}/submissions",
    "log": f"{_API}/audit",
    "log by a part of the text": f"{_API}/audit?q=line+77",
    "log by a text that is nowhere": f"{_API}/audit?q=nowhere",
    "log of a person": f"{_API}/audit?person={{person}}",
    "log of refusals": f"{_API}/audit?outcome=refused&kind=submission",
    "log, 50,000 lines back": f"{_API}/audit?cursor=50000",
}
_ADMINISTRATOR: Mapping[str, str] = {
    "people, for a member state": f"{_API}/access/people",
    "log, for a member state": f"{_API}/audit",
    "log by a text, for a member state": f"{_API}/audit?q=line+77",
}
_VERIFY = f"{_API}/audit/verify"


def pages(places: Places, server: Server) -> list[Single]:
    """95th percentile of what each page asks for, one request after the other, and of a check of the whole log."""
    with closing(Connections(database_urls(places.settings))) as connections, connections.application() as connection:
        secretariat, administrator = _people(connection, places)
        browser, methods = Browser("127.0.0.1", "bench"), ("pwd", "otp")
        tokens = [open_session(connection, one, browser, methods) for one in (secretariat, administrator)]
    found = [*_told(server, tokens[0], _SECRETARIAT, administrator), *_told(server, tokens[1], _ADMINISTRATOR, 0)]
    took = quantile(_timed(server, tokens[0], _VERIFY, rounds=5), 0.95)
    return [*found, Single(f"Check of the chain of {LINES:,} lines", 1000 * took, "ms", "")]


def _told(server: Server, token: str, asked: Mapping[str, str], person: int) -> Iterator[Single]:
    for name, path in asked.items():
        took = quantile(_timed(server, token, path.format(person=person)), 0.95)
        yield Single(f"Workspace, {PEOPLE:,} people, {LINES:,} lines: {name}, p95", 1000 * took, "ms", "<= 200 ms")


def _timed(server: Server, token: str, path: str, rounds: int = _ROUNDS) -> list[float]:
    """Seconds of each answer. Raises ValueError for one that is none."""
    host, port = server.address if isinstance(server.address, tuple) else ("127.0.0.1", 0)
    taken = []
    with closing(http.client.HTTPConnection(host, port, timeout=60)) as connection:
        for number in range(rounds + _WARM):
            started = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": f"{COOKIE}={token}"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise ValueError(f"{path}: {answer.status} {text[:200]!r}")
            if number >= _WARM:
                taken.append(time.perf_counter() - started)
    return taken


def _people(connection: sa.Connection, places: Places) -> tuple[int, int]:
    """Ids of somebody of the secretariat and of a national administrator among the people, who are made once."""
    chief = sa.select(_P.c.id).where(_P.c.email == "person.0@bench.example")
    if connection.execute(chief).scalar_one_or_none() is None:
        _fill(connection, places)
    administrator = (
        sa.select(_M.c.person_id).where(_M.c.role == Role.NATIONAL_ADMINISTRATOR.value).order_by(_M.c.id).limit(1)
    )
    return connection.execute(chief).scalar_one(), connection.execute(administrator).scalar_one()


def _fill(connection: sa.Connection, places: Places) -> None:
    countries = [one.country for one in read_region(places.region).members]
    named = [
        {"name": f"Survey {n} of {countries[n % len(countries)]}", "country": countries[n % len(countries)]}
        for n in range(ORGANISATIONS - 1)
    ]
    organisations = [_new(connection, _O, {"name": "Secretariat", "country": None})]
    organisations += [_new(connection, _O, one) for one in named]
    starts = today() - timedelta(days=30)
    people = []
    for number in range(PEOPLE):
        place = number % ORGANISATIONS
        country = None if place == 0 else named[place - 1]["country"]
        role = Role.SECRETARIAT if place == 0 else _ROLES[number // ORGANISATIONS % len(_ROLES)]
        told = {"name": f"Person {number}", "email": f"person.{number}@bench.example", "country": country}
        people.append(_new(connection, _P, told))
        mandate = {"person_id": people[-1], "organisation_id": organisations[place], "role": role.value}
        days = {"starts": starts, "ends": starts + timedelta(days=60 + number)}
        _new(connection, _M, mandate | days | {"country": country})
        notices = [{"person_id": people[-1], "kind": "notice", "title": f"Notice {n}"} for n in range(20)]
        connection.execute(sa.insert(_N), notices)
    values = {"people": people, "countries": countries, "count": LINES}
    connection.execute(sa.text(_FILL_LOG), values)
    connection.execute(sa.text("ANALYZE"))


def _new(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    return int(connection.execute(sa.insert(table).values(**values).returning(table.c.id)).scalar_one())
