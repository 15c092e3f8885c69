"""Submissions over the API: one's own state's with their drafts counted, and no trace of another's."""

# SPDX-License-Identifier: Apache-2.0

from datetime import timedelta

from app.access.actors import today
from tests.app.access.cast import Cast

SUBMISSIONS = "/api/v1/submissions"
DRAFT = """INSERT INTO minerals.mine
    (identifier, name, country, status_uri, licence, shape, state, submission_id, content_hash)
    VALUES (:name, 'Mine', 'IDN', 'x', 'x', ST_Point(110, 1, 4326), 'draft', :number, '')"""


def test_state_sees_its_submissions_and_no_other(shared_cast: Cast) -> None:
    answer = shared_cast.client("national-reviewer IDN").get(SUBMISSIONS).json()
    mine = {number for (country, _), number in shared_cast.submissions.items() if country == "IDN"}
    assert {one["id"] for one in answer["submissions"]} == mine
    assert answer["total"] == len(mine)
    assert {one["country"] for one in answer["submissions"]} == {"IDN"}
    assert {one["holder"] for one in answer["submissions"]} == {"Contributor idn"}


def test_region_sees_what_was_submitted(shared_cast: Cast) -> None:
    for name in ("secretariat region", "regional-reviewer region"):
        answer = shared_cast.client(name).get(SUBMISSIONS).json()
        states = {one["state"] for one in answer["submissions"]}
        assert states == {"submitted", "approved", "published", "rejected"}


def test_submission_of_another_state_is_not_there(shared_cast: Cast) -> None:
    client = shared_cast.client("contributor IDN")
    theirs = client.get(f"{SUBMISSIONS}/{shared_cast.submissions['MYS', 'draft']}")
    nobodys = client.get(f"{SUBMISSIONS}/{2**40}")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.json()["detail"].startswith("There is no submission")


def test_pages_lead_through_all_submissions_of_a_state(shared_cast: Cast) -> None:
    client, found, cursor = shared_cast.client("contributor IDN"), [], ""
    while True:
        page = client.get(f"{SUBMISSIONS}?limit=2{cursor}").json()
        found += [one["id"] for one in page["submissions"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == sorted(found, reverse=True)
    assert len(found) == page["total"] == len(set(found))
    assert client.get(f"{SUBMISSIONS}?cursor=x").json()["parameter"] == "cursor"
    assert client.get(f"{SUBMISSIONS}?state=drafted").json()["parameter"] == "state"
    assert [one["state"] for one in client.get(f"{SUBMISSIONS}?state=draft").json()["submissions"]] == ["draft"]


def test_drafts_of_a_submission_are_counted(cast: Cast) -> None:
    mine, theirs = (cast.submissions[country, "draft"] for country in ("IDN", "MYS"))
    for number, name in ((mine, "a"), (mine, "b"), (theirs, "c")):
        cast.change(DRAFT, number=number, name=name)
    client = cast.client("contributor IDN")
    assert client.get(f"{SUBMISSIONS}/{mine}").json()["rows"] == 2
    rows = {one["id"]: one["rows"] for one in client.get(SUBMISSIONS).json()["submissions"]}
    assert rows == {**dict.fromkeys(rows, 0), mine: 2}


def test_key_of_another_layer_sees_no_submission_of_mines(cast: Cast) -> None:
    body = {"name": "x", "scopes": ["read"], "expires": str(today() + timedelta(days=9))}
    number = cast.submissions["IDN", "draft"]
    for layer, status in (("mines", 200), ("mineral-occurrences", 404)):
        made = cast.client("contributor IDN").post("/api/v1/access/keys", json={**body, "layers": [layer]})
        key = {"Authorization": f"Bearer {made.json()['secret']}"}
        assert cast.client().get(f"{SUBMISSIONS}/{number}", headers=key).status_code == status
        assert bool(cast.client().get(SUBMISSIONS, headers=key).json()["total"]) == (status == 200)
