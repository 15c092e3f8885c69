"""Mandates as days go by: reminders, and the open work after the last day."""

# SPDX-License-Identifier: Apache-2.0

from datetime import timedelta
from typing import Any

import pytest

from app.access.actors import today
from app.access.people.upkeep import finish_mandates, remind_of_ends
from app.rights.roles import Role
from app.successions import SUCCESSIONS
from tests.app.access.cast import Cast, Member, add_member

MINE = "contributor IDN"


def ends_in(cast: Cast, member: Member, days: int) -> None:
    ends = today() + timedelta(days=days)
    cast.change("UPDATE access.mandate SET ends = :e WHERE id = :m", e=ends, m=member.mandate)


def notices(cast: Cast, member: Member) -> list[tuple[str, str]]:
    rows = cast.rows("SELECT kind, title FROM notices.notice WHERE person_id = :p ORDER BY id", p=member.person)
    return [(kind, title) for kind, title in rows]


def remind(cast: Cast) -> int:
    with cast.application() as connection:
        return remind_of_ends(connection)


def finish(cast: Cast) -> int:
    with cast.application() as connection:
        return finish_mandates(connection, SUCCESSIONS)


def colleague(cast: Cast) -> Member:
    with cast.application() as connection:
        return add_member(connection, Role.CONTRIBUTOR, "IDN", cast[MINE].organisation, " two")


def open_work(cast: Cast, member: Member) -> int:
    question = "SELECT count(*) FROM releases.submission WHERE mandate_id = :m AND stage IN ('draft', 'returned')"
    return int(cast.rows(question, m=member.mandate)[0][0])


def test_holder_and_administrator_are_told_30_and_7_days_before_once_each(cast: Cast) -> None:
    holder, administrator = cast[MINE], cast["national-administrator IDN"]
    ends_in(cast, holder, 29)
    assert remind(cast) == 1
    assert remind(cast) == 0
    ends_in(cast, holder, 6)
    assert remind(cast) == 1
    assert remind(cast) == 0
    assert [kind for kind, _ in notices(cast, holder)] == ["notice", "notice"]
    assert [kind for kind, _ in notices(cast, administrator)] == ["task", "task"]
    assert notices(cast, cast["national-administrator MYS"]) == []
    assert notices(cast, cast["secretariat region"]) == []


def test_secretariat_is_told_of_what_administrators_may_not_renew(cast: Cast) -> None:
    ends_in(cast, cast["national-administrator IDN"], 5)
    ends_in(cast, cast["regional-reviewer region"], 5)
    assert remind(cast) == 2
    assert len(notices(cast, cast["secretariat region"])) == 2


def test_renewing_finishes_the_task(cast: Cast) -> None:
    ends_in(cast, cast[MINE], 5)
    remind(cast)
    administrator = cast.client("national-administrator IDN")
    later = str(today() + timedelta(days=300))
    answer = administrator.post(f"/api/v1/access/mandates/{cast[MINE].mandate}/renew", json={"ends": later})
    assert answer.status_code == 200, answer.text
    (task,) = administrator.get("/api/v1/notices").json()["notices"]
    assert task["doneAt"] is not None


def test_open_work_goes_to_the_named_successor_when_a_mandate_runs_out(cast: Cast) -> None:
    holder, heir = cast[MINE], colleague(cast)
    before = open_work(cast, holder)
    administrator = cast.client("national-administrator IDN")
    path = f"/api/v1/access/mandates/{holder.mandate}/successor"
    answer = administrator.post(path, json={"successor": heir.mandate})
    assert (answer.status_code, answer.json().get("successor")) == (200, heir.mandate)
    assert open_work(cast, heir) == 0
    ends_in(cast, holder, -1)
    assert cast.client(MINE).get("/api/v1/submissions").status_code == 401  # at once, without any chore
    assert finish(cast) == 1
    assert finish(cast) == 0
    assert (open_work(cast, holder), open_work(cast, heir)) == (0, before)
    line = cast.audit("end")[-1]
    assert (line["name"], line["object"], line["detail"]["successor"]) == (
        "amdis worker",
        str(holder.mandate),
        heir.mandate,
    )
    assert ("notice", f"You took over the work of {holder.name.capitalize()}") in notices(cast, heir)


def test_without_a_successor_the_work_stays_and_somebody_is_asked_once(cast: Cast) -> None:
    holder = cast[MINE]
    before = open_work(cast, holder)
    ends_in(cast, holder, -1)
    for _ in range(3):
        assert finish(cast) == 0
    assert open_work(cast, holder) == before
    tasks = notices(cast, cast["national-administrator IDN"])
    assert [kind for kind, _ in tasks] == ["task"]
    administrator = cast.client("national-administrator IDN")
    later = str(today() + timedelta(days=30))
    answer = administrator.post(f"/api/v1/access/mandates/{holder.mandate}/renew", json={"ends": later})
    assert answer.status_code == 200, answer.text
    assert open_work(cast, holder) == before


def test_successor_whose_mandate_is_over_gets_nothing(cast: Cast) -> None:
    holder, heir = cast[MINE], colleague(cast)
    cast.change("UPDATE access.mandate SET successor_id = :s WHERE id = :m", s=heir.mandate, m=holder.mandate)
    ends_in(cast, holder, -1)
    ends_in(cast, heir, -1)
    assert finish(cast) == 0
    assert open_work(cast, heir) == 0


@pytest.mark.parametrize("wrong", ["contributor MYS", "national-reviewer IDN", MINE])
def test_wrong_successor_is_refused(cast: Cast, wrong: str) -> None:
    path = f"/api/v1/access/mandates/{cast[MINE].mandate}/successor"
    asked: dict[str, Any] = {"successor": cast[wrong].mandate}
    answer = cast.client("secretariat region").post(path, json=asked)
    assert (answer.status_code, answer.json()["parameter"]) == (400, "successor")
    assert cast.client("national-administrator MYS").post(path, json=asked).status_code in (403, 404)
    assert cast.rows("SELECT successor_id FROM access.mandate WHERE id = :m", m=cast[MINE].mandate) == [(None,)]
