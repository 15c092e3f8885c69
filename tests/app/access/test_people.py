"""Organisations, people and mandates: who may change whose, and what follows from it."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.access.actors import today
from tests.app.access.cast import Cast, add_member

API = "/api/v1/access"
YESTERDAY = str(today() - timedelta(days=1))


def invitation(cast: Cast, **values: Any) -> dict[str, Any]:
    """An invitation of a contributor of the first member state, right in every field unless told otherwise."""
    asked = {
        "email": "new.person@example.org",
        "name": "New Person",
        "organisation": cast["contributor IDN"].organisation,
        "country": "IDN",
        "role": "contributor",
        "starts": str(today()),
        "ends": str(today() + timedelta(days=365)),
    }
    return asked | values


def counts(cast: Cast) -> Mapping[str, int]:
    tables = ("person", "mandate", "invitation", "organisation")
    return {table: cast.rows(f"SELECT count(*) FROM access.{table}")[0][0] for table in tables}  # noqa: S608


def test_administrator_invites_a_contributor_of_their_own_state(cast: Cast) -> None:
    answer = cast.client("national-administrator IDN").post(f"{API}/invitations", json=invitation(cast))
    assert answer.status_code == 201, answer.text
    assert answer.json()["link"].startswith("https://testserver/workspace/invitation#")
    found = cast.client("national-administrator IDN").get(f"{API}/people?q=new.person").json()
    assert [(one["email"], one["invited"]) for one in found["people"]] == [("new.person@example.org", True)]
    assert found["people"][0]["mandates"][0]["role"] == "contributor"
    line = cast.audit("create")[-1]
    assert (line["kind"], line["name"], line["country"]) == ("invitation", "National-administrator idn", "IDN")
    # The link is a secret: it stands in the answer and nowhere else.
    token = answer.json()["link"].partition("#")[2]
    assert token not in str(cast.audit())
    assert cast.rows(
        "SELECT count(*) FROM access.invitation WHERE token_hash::text LIKE '%' || :t || '%'", t=token
    ) == [(0,)]


@pytest.mark.parametrize(
    ("asker", "changes", "status", "told"),
    [
        ("national-administrator IDN", {"country": "MYS"}, 403, "only their member state's invitations"),
        ("national-administrator IDN", {"role": "national-administrator"}, 403, "that are: work"),
        ("national-administrator IDN", {"role": "secretariat", "country": None}, 403, "that are: work"),
        ("contributor IDN", {}, 403, "A contributor may not create invitations"),
        ("observer region", {}, 403, "may not create invitations"),
        (
            "secretariat region",
            {"role": "contributer"},
            400,
            "did you mean 'contributor'",
        ),
        ("secretariat region", {"country": "IDM"}, 400, "did you mean"),
        ("secretariat region", {"country": "FRA"}, 400, "FRA is no member state"),
        ("secretariat region", {"country": None}, 400, "is for a member state: say which"),
        ("secretariat region", {"role": "regional-reviewer"}, 400, "is for the region, not for a member state"),
        (
            "secretariat region",
            {"ends": str(today() - timedelta(days=1)), "starts": str(today())},
            400,
            "before it starts",
        ),
        (
            "secretariat region",
            {"starts": str(today() - timedelta(days=9)), "ends": str(today() - timedelta(days=1))},
            400,
            "ended on",
        ),
        ("secretariat region", {"ends": str(today() + timedelta(days=4000))}, 400, "three years at most"),
        ("secretariat region", {"email": "nobody"}, 400, "email"),
        ("secretariat region", {"name": " "}, 400, "name"),
        ("secretariat region", {"organisation": 999999}, 404, "There is no organisation"),
        ("secretariat region", {"email": "CONTRIBUTOR.idn@example.org"}, 409, "has an account already"),
        ("secretariat region", {"is_admin": True}, 400, "is_admin"),
        ("secretariat region", {"trust": "administration"}, 400, "trust"),
    ],
)
def test_wrong_invitation_changes_nothing_and_says_why(
    cast: Cast, asker: str, changes: dict[str, Any], status: int, told: str
) -> None:
    before, lines = counts(cast), len(cast.audit())
    answer = cast.client(asker).post(f"{API}/invitations", json=invitation(cast, **changes))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]
    assert counts(cast) == before
    if status in (403, 409) or (status == 400 and "role" in answer.json().get("parameter", "")):
        assert len(cast.audit()) == lines + 1
        assert cast.audit()[-1]["outcome"] in ("refused", "failed")


def test_invitation_is_replaced_and_taken_back(cast: Cast) -> None:
    administrator = cast.client("national-administrator IDN")
    first = administrator.post(f"{API}/invitations", json=invitation(cast)).json()
    second = administrator.post(f"{API}/invitations/{first['id']}/again").json()
    assert second["link"] != first["link"]
    assert administrator.post(f"{API}/invitations/{first['id']}/again").status_code == 409
    assert cast.client("national-administrator MYS").delete(f"{API}/invitations/{second['id']}").status_code == 404
    assert administrator.delete(f"{API}/invitations/{second['id']}").status_code == 204
    assert administrator.delete(f"{API}/invitations/{second['id']}").status_code == 409
    assert administrator.get(f"{API}/people?state=invited").json()["total"] == 0


def test_people_of_another_state_are_not_there(cast: Cast) -> None:
    mine, theirs = cast["contributor IDN"], cast["contributor MYS"]
    for asker in ("national-administrator IDN", "contributor IDN", "national-reviewer IDN"):
        client = cast.client(asker)
        found = client.get(f"{API}/people").json()
        assert {one["country"] for one in found["people"]} == {"IDN"}, asker
        assert found["total"] == len(found["people"])
        assert client.get(f"{API}/people/{mine.person}").status_code == 200
        assert client.get(f"{API}/people/{theirs.person}").status_code == 404
    only_me = cast.client("observer IDN").get(f"{API}/people").json()
    assert [one["email"] for one in only_me["people"]] == [cast["observer IDN"].email]
    everybody = cast.client("secretariat region").get(f"{API}/people?limit=200").json()
    assert everybody["total"] == len(cast.members)


def test_pages_of_people_hold_everybody_once(cast: Cast) -> None:
    client = cast.client("secretariat region")
    seen, cursor = [], ""
    while True:
        page = client.get(f"{API}/people?limit=4{cursor}").json()
        seen += [one["id"] for one in page["people"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sorted(seen) == sorted(one.person for one in cast.members.values())
    assert client.get(f"{API}/people?cursor=nonsense").status_code == 400


@pytest.mark.parametrize(
    ("asker", "whose", "status"),
    [
        ("national-administrator IDN", "contributor IDN", 200),
        ("national-administrator IDN", "contributor MYS", 404),
        ("national-administrator IDN", "national-administrator IDN", 403),
        ("national-administrator IDN", "secretariat region", 404),
        ("secretariat region", "national-administrator MYS", 200),
        ("contributor IDN", "observer IDN", 403),
    ],
)
def test_mandate_is_renewed_by_whoever_may_give_it(cast: Cast, asker: str, whose: str, status: int) -> None:
    mandate, later = cast[whose].mandate, str(today() + timedelta(days=300))
    answer = cast.client(asker).post(f"{API}/mandates/{mandate}/renew", json={"ends": later})
    assert answer.status_code == status, answer.text
    ends = cast.rows("SELECT ends::text FROM access.mandate WHERE id = :id", id=mandate)
    assert (ends == [(later,)]) is (status == 200)


def test_end_of_a_mandate_closes_access_at_once_and_hands_the_work_over(cast: Cast) -> None:
    ending = cast["contributor IDN"]
    with cast.application() as connection:
        heir = add_member(connection, ending.role, "IDN", ending.organisation, " 2")
        other = add_member(connection, ending.role, "MYS", cast["contributor MYS"].organisation, " 2")
    administrator = cast.client("national-administrator IDN")
    address = f"{API}/mandates/{ending.mandate}/end"
    wrong = administrator.post(address, json={"successor": other.mandate})
    assert wrong.status_code == 404
    browser = cast.client(ending.name)
    assert browser.get(f"{API}/me").json()["signedIn"]
    answer = administrator.post(address, json={"reason": "Moved on", "successor": heir.mandate})
    assert answer.status_code == 200, answer.text
    assert answer.json()["handedOver"] == 3
    assert answer.json()["mandate"]["state"] == "ended"
    told = browser.get(f"{API}/me").json()
    assert (told["signedIn"], told["why"]) == (False, "Your mandate has ended. Whoever gave it to you can renew it.")
    assert browser.get(f"{API}/people").status_code == 401
    held = cast.rows(
        "SELECT stage FROM releases.submission WHERE person_id = :p AND mandate_id = :m ORDER BY 1",
        p=heir.person,
        m=heir.mandate,
    )
    assert held == [("draft",), ("returned",), ("submitted",)]
    with cast.delegate(ending.name) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM releases.submission").scalar_one() == 0
    assert administrator.post(address, json={}).status_code == 409
    notices = cast.rows("SELECT person_id, title FROM notices.notice ORDER BY id")
    assert [one[0] for one in notices] == [ending.person, heir.person]


def test_mandate_whose_last_day_has_passed_opens_nothing(cast: Cast) -> None:
    one = cast["contributor IDN"]
    cast.change("UPDATE access.mandate SET ends = current_date - 1 WHERE id = :id", id=one.mandate)
    told = cast.client(one.name).get(f"{API}/me").json()
    assert not told["signedIn"]
    assert told["why"].startswith("Your mandate ended on")
    with cast.delegate(one.name) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM access.person").scalar_one() == 0


def test_right_that_is_taken_away_is_gone_at_the_next_request(cast: Cast) -> None:
    client = cast.client("national-administrator IDN")
    assert client.get(f"{API}/people").json()["total"] > 1
    mandate = cast["national-administrator IDN"].mandate
    cast.change("UPDATE access.mandate SET role = 'observer' WHERE id = :id", id=mandate)
    assert client.get(f"{API}/people").json()["total"] == 1
    assert client.post(f"{API}/invitations", json=invitation(cast)).status_code == 403


def test_person_with_two_mandates_goes_on_under_the_other_in_a_new_session(cast: Cast) -> None:
    one = cast["contributor IDN"]
    asked = {"person": one.person, "organisation": one.organisation, "country": "IDN", "role": "observer"}
    days = {"starts": str(today()), "ends": str(today() + timedelta(days=10))}
    second = cast.client("national-administrator IDN").post(f"{API}/mandates", json=asked | days)
    assert second.status_code == 201, second.text
    client = cast.client(one.name)
    answer = client.post(f"{API}/mandate", json={"mandate": second.json()["id"]})
    assert answer.json()["mandate"]["role"] == "observer"
    cookie = answer.headers["set-cookie"]
    assert one.token not in cookie
    for part in ("__Host-amdis=", "HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert client.get(f"{API}/me").json()["why"] == "You went on under another mandate."
    others = cast["contributor MYS"].mandate
    assert cast.client("observer IDN").post(f"{API}/mandate", json={"mandate": others}).status_code == 404


def test_the_same_mandate_twice_in_the_same_days_is_a_conflict(cast: Cast) -> None:
    one = cast["contributor IDN"]
    asked = {"person": one.person, "organisation": one.organisation, "country": "IDN", "role": "contributor"}
    days = {"starts": str(today()), "ends": str(today() + timedelta(days=10))}
    answer = cast.client("national-administrator IDN").post(f"{API}/mandates", json=asked | days)
    assert (answer.status_code, "in these days already" in answer.json()["detail"]) == (409, True)


def test_account_is_closed_only_without_a_mandate(cast: Cast) -> None:
    administrator, one = cast.client("national-administrator IDN"), cast["contributor IDN"]
    assert administrator.post(f"{API}/people/{one.person}/close").status_code == 409
    administrator.post(f"{API}/mandates/{one.mandate}/end", json={})
    assert administrator.post(f"{API}/people/{one.person}/close").json()["closed"]
    assert administrator.post(f"{API}/people/{one.person}/close").status_code == 409
    assert administrator.post(f"{API}/people/{cast['contributor MYS'].person}/close").status_code == 404


def test_only_the_secretariat_ends_sessions_of_others(cast: Cast) -> None:
    one = cast["contributor IDN"]
    for asker, status in (("national-administrator IDN", 403), ("contributor MYS", 404), ("secretariat region", 204)):
        assert cast.client(asker).delete(f"{API}/people/{one.person}/sessions").status_code == status, asker
    assert not cast.client(one.name).get(f"{API}/me").json()["signedIn"]


def test_mandates_that_end_soon_are_listed_the_next_first(cast: Cast) -> None:
    client = cast.client("national-administrator IDN")
    assert client.get(f"{API}/mandates?expiring=30").json() == []
    mine, theirs = cast["contributor IDN"].mandate, cast["contributor MYS"].mandate
    cast.change("UPDATE access.mandate SET ends = current_date + 5 WHERE id IN (:a, :b)", a=mine, b=theirs)
    assert [one["mandate"]["id"] for one in client.get(f"{API}/mandates?expiring=30").json()] == [mine]


def test_organisations_are_kept_by_those_they_are_of(cast: Cast) -> None:
    mine, theirs = cast["contributor IDN"].organisation, cast["contributor MYS"].organisation
    administrator = cast.client("national-administrator IDN")
    made = administrator.post(f"{API}/organisations", json={"name": "Mining Agency", "country": "IDN"})
    assert made.status_code == 201
    again = administrator.post(f"{API}/organisations", json={"name": "mining agency", "country": "IDN"})
    assert again.status_code == 409
    assert administrator.post(f"{API}/organisations", json={"name": "X", "country": "MYS"}).status_code == 403
    assert administrator.patch(f"{API}/organisations/{mine}", json={"url": "https://esdm.example"}).status_code == 200
    assert administrator.patch(f"{API}/organisations/{theirs}", json={"name": "Ours"}).status_code == 403
    assert administrator.patch(f"{API}/organisations/{mine}", json={"url": "javascript:alert(1)"}).status_code == 400


@pytest.mark.parametrize(
    ("asker", "query", "allowed", "told"),
    [
        ("contributor IDN", "kind=submission&action=create", True, "may create their member state's submissions"),
        ("observer region", "kind=submission&action=create", False, "may not create submissions"),
        ("contributor IDN", "kind=mandate&action=renew", False, "may not renew mandates"),
        ("national-administrator IDN", "kind=mandate&action=renew&id={theirs}", False, "or it is not for you to see"),
        ("national-administrator IDN", "kind=mandate&action=renew&id={mine}", True, "their member state's mandates"),
        ("secretariat region", "kind=submission&action=read&id={draft}", False, "or it is not for you to see"),
        ("secretariat region", "kind=submission&action=read&id={submitted}", True, "the region's submissions"),
    ],
)
def test_explain_says_why(shared_cast: Cast, asker: str, query: str, allowed: bool, told: str) -> None:
    numbers = {
        "mine": shared_cast["contributor IDN"].mandate,
        "theirs": shared_cast["contributor MYS"].mandate,
        "draft": shared_cast.submissions["IDN", "draft"],
        "submitted": shared_cast.submissions["IDN", "submitted"],
    }
    found = shared_cast.client(asker).get(f"{API}/explain?{query.format(**numbers)}").json()
    assert found["allowed"] is allowed
    assert told in found["why"]
    assert (found["policy"] is not None) is allowed


@pytest.mark.parametrize("headers", [{"X-CSRF-Token": "0" * 64}, {"Sec-Fetch-Site": "cross-site"}])
def test_page_of_another_site_changes_nothing(cast: Cast, headers: dict[str, str]) -> None:
    client = cast.client("secretariat region")
    client.headers |= headers
    assert client.post(f"{API}/invitations", json=invitation(cast)).status_code == 403
    assert client.post(f"{API}/sign-out").status_code == 403
    assert cast.client("secretariat region").get(f"{API}/me").json()["signedIn"]
