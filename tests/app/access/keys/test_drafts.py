"""API keys, and the drafts that programs read with them."""

# SPDX-License-Identifier: Apache-2.0

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.access.actors import today
from app.db.roles import DatabaseUrls
from tests.app.access.cast import SITE, Cast, cast_in, site_in

API = "/api/v1/access/keys"
OGC = "/workspace/ogc"
DRAFT = """INSERT INTO minerals.mine
    (identifier, name, country, status_uri, licence, shape, state, submission_id, content_hash)
    VALUES (:identifier, :name, :country, 'x', 'x', ST_Point(:lon, 1, 4326), 'draft', :submission, '')"""


def make(cast: Cast, name: str, **values: Any) -> dict[str, Any]:
    asked = {"name": "QGIS", "scopes": ["read"], "expires": str(today() + timedelta(days=30))} | values
    answer = cast.client(name).post(API, json=asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
def cast(fresh_urls: DatabaseUrls, tmp_path: Path) -> Iterator[Cast]:
    """The cast and an application of its own, whose pools are opened and closed."""
    with cast_in(fresh_urls, site_in(fresh_urls, tmp_path / "home")) as cast:
        yield cast


@pytest.fixture
def drafted(cast: Cast) -> Iterator[Cast]:
    """The cast, with three drafts of the first member state and two of the other."""
    for country, count in (("IDN", 3), ("MYS", 2)):
        for number in range(count):
            values = {"country": country, "submission": cast.submissions[country, "draft"], "lon": 100 + number}
            cast.change(DRAFT, identifier=f"{country}-{number}", name=f"Mine {number}", **values)
    with TestClient(cast.app, base_url=SITE):  # opens the pools
        yield cast


def reader(cast: Cast, **headers: str) -> TestClient:
    return TestClient(cast.app, base_url=SITE, headers=headers, raise_server_exceptions=False)


def found(cast: Cast, **headers: str) -> list[str]:
    answer = reader(cast, **headers).get(f"{OGC}/collections/mines/items?limit=100")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"])
    return [one["id"] for one in page["features"]]


def test_key_sees_the_drafts_of_its_owners_state_and_no_others(drafted: Cast) -> None:
    mine, theirs = make(drafted, "contributor IDN")["secret"], make(drafted, "national-reviewer MYS")["secret"]
    assert found(drafted, authorization=f"Bearer {mine}") == ["IDN-0", "IDN-1", "IDN-2"]
    assert found(drafted, authorization=f"Bearer {theirs}") == ["MYS-0", "MYS-1"]
    client = reader(drafted, authorization=f"Bearer {mine}")
    assert client.get(f"{OGC}/collections/mines/items/IDN-1").json()["properties"]["name"] == "Mine 1"
    assert client.get(f"{OGC}/collections/mines/items/MYS-1").status_code == 404
    for query in ("country=MYS", "filter=country='MYS'", "bbox=90,-12,142,30&q=MYS", "submission_id=8"):
        page = client.get(f"{OGC}/collections/mines/items?{query}").json()
        assert (page["numberMatched"], page["features"]) == (0, []), query


def test_key_is_taken_as_bearer_as_password_and_in_the_path(drafted: Cast) -> None:
    secret = make(drafted, "contributor IDN")["secret"]
    basic = base64.b64encode(f"anybody:{secret}".encode()).decode()
    for headers in ({"authorization": f"Bearer {secret}"}, {"authorization": f"Basic {basic}"}):
        assert len(found(drafted, **headers)) == 3
    client = reader(drafted)
    page = client.get(f"/key/{secret}{OGC}/collections/mines/items?limit=2").json()
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    assert following.startswith(f"{SITE}/key/{secret}{OGC}/")
    assert [one["id"] for one in client.get(following.removeprefix(SITE)).json()["features"]] == ["IDN-2"]
    landing = client.get(f"/key/{secret}{OGC}?f=json").json()
    assert all(f"/key/{secret}/" in link["href"] for link in landing["links"] if "/workspace/ogc" in link["href"])
    assert {"data", "conformance", "service-desc"} <= {link["rel"] for link in landing["links"]}
    assert client.get(f"{OGC}/collections/mines/items?key={secret}").status_code == 401
    # A key for reading opens nothing else of the workspace, in the path or elsewhere.
    assert client.get(f"/key/{secret}/api/v1/access/people").status_code == 403


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (None, "send an API key"),
        ("Bearer amdis_wrong", "no such API key"),
        ("Bearer ", "send an API key"),
        ("Basic !!!", "send an API key"),
        ("Basic YQ==", "send an API key"),
        ("Digest x", "send an API key"),
    ],
)
def test_without_a_key_clients_are_asked_for_one(drafted: Cast, header: str | None, told: str) -> None:
    answer = reader(drafted, **({"authorization": header} if header else {})).get(f"{OGC}/collections")
    assert (answer.status_code, answer.headers["www-authenticate"].startswith("Basic realm=")) == (401, True)
    assert told in answer.json()["detail"]


def test_answers_are_kept_by_nobody(drafted: Cast) -> None:
    client = reader(drafted, authorization=f"Bearer {make(drafted, 'contributor IDN')['secret']}")
    for path in ("", "/collections", "/collections/mines", "/collections/mines/items", "/collections/mines/queryables"):
        answer = client.get(OGC + path)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "private, no-store", path
        assert "etag" not in answer.headers
        assert client.get(OGC + path, headers={"if-none-match": "*"}).status_code == 200


def test_draft_that_was_changed_is_read_as_it_is_now(drafted: Cast) -> None:
    client = reader(drafted, authorization=f"Bearer {make(drafted, 'contributor IDN')['secret']}")
    path = f"{OGC}/collections/mines/items/IDN-0"
    assert client.get(path).json()["properties"]["name"] == "Mine 0"
    drafted.change("UPDATE minerals.mine SET name = 'New name' WHERE state = 'draft' AND identifier = 'IDN-0'")
    assert client.get(path).json()["properties"]["name"] == "New name"


def test_vector_tile_holds_own_drafts_only(drafted: Cast) -> None:
    mine, theirs = make(drafted, "contributor IDN")["secret"], make(drafted, "observer region")["secret"]
    path = f"{OGC}/collections/mines/tiles/WebMercatorQuad/0/0/0"
    tile = reader(drafted, authorization=f"Bearer {mine}").get(path)
    assert (tile.status_code, b"IDN-1" in tile.content, b"MYS" in tile.content) == (200, True, False)
    assert reader(drafted, authorization=f"Bearer {theirs}").get(path).status_code == 403


def test_key_limited_to_layers_reads_no_others(drafted: Cast) -> None:
    secret = make(drafted, "contributor IDN", layers=["mineral-deposits"])["secret"]
    client = reader(drafted, authorization=f"Bearer {secret}")
    assert client.get(f"{OGC}/collections/mines/items").status_code == 404
    assert client.get(f"{OGC}/collections/mineral-deposits/items").status_code == 200


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE access.api_key SET revoked_at = now()", "has been revoked"),
        ("UPDATE access.api_key SET expires_at = now() - interval '1 second'", "ran out"),
        ("UPDATE access.mandate SET ended_at = now() WHERE role = 'contributor'", "mandate ended"),
        ("UPDATE access.mandate SET ends = current_date - 1 WHERE role = 'contributor'", "mandate ended"),
        ("UPDATE access.person SET closed_at = now()", "has been closed"),
    ],
)
def test_key_that_is_over_opens_nothing(drafted: Cast, change: str, told: str) -> None:
    secret = make(drafted, "contributor IDN")["secret"]
    drafted.change(change)
    answer = reader(drafted, authorization=f"Bearer {secret}").get(f"{OGC}/collections/mines/items")
    assert (answer.status_code, told in answer.json()["detail"]) == (401, True)
    with drafted.app.state.access.connections.delegate(secret) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM minerals.mine_draft").scalar_one() == 0


def test_key_does_nothing_else_than_its_scopes(drafted: Cast) -> None:
    secret = make(drafted, "contributor IDN", scopes=["read", "submit"])["secret"]
    client = reader(drafted, authorization=f"Bearer {secret}")
    assert client.get("/api/v1/submissions").status_code == 200
    for method, path in (("GET", "people"), ("GET", "keys"), ("POST", "keys"), ("GET", "profile"), ("POST", "totp")):
        answer = client.request(method, f"/api/v1/access/{path}")
        assert (answer.status_code, "API key" in answer.json()["detail"]) == (403, True), path


def test_reading_drafts_leaves_a_line_in_the_log(drafted: Cast) -> None:
    made = make(drafted, "contributor IDN")
    found(drafted, authorization=f"Bearer {made['secret']}")
    line = drafted.audit("read drafts")[-1]
    assert (line["name"], line["detail"]["layer"], line["detail"]["key"]) == (
        "Contributor idn",
        "mines",
        made["key"]["id"],
    )
    number = made["key"]["id"]
    assert drafted.rows("SELECT last_used_at IS NOT NULL FROM access.api_key WHERE id = :id", id=number) == [(True,)]


def test_signed_in_browser_reads_drafts_too(drafted: Cast) -> None:
    answer = drafted.client("contributor IDN").get(f"{OGC}/collections/mines/items", headers={"accept": "text/html"})
    assert (answer.status_code, "IDN-1" in answer.text, "MYS" in answer.text) == (200, True, False)
