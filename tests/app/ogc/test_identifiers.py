"""Persistent addresses and the catalogue over two releases: what was removed is gone, and its last state is told."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db.roles import DatabaseUrls
from app.main import create_app
from app.settings import Settings
from tests.app.releases.region import load, mine
from tests.conftest import clone

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
STAYS, CHANGES, GOES, MERGED = "stays-1", "changes-1", "goes/1 ä", "merged-1"


@pytest.fixture(scope="module")
def urls(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseUrls]:
    """A database with two releases of mines: one mine is removed by the second, one is changed."""
    folder = tmp_path_factory.mktemp("region")
    with clone(template, "identifiers") as urls:
        load(urls, folder, [mine(STAYS), mine(CHANGES), mine(GOES, lon=120), mine(MERGED, lon=121)])
        load(urls, folder, [mine(STAYS), mine(CHANGES, name="Renamed", replaces=f"{MERGED}|other")])
        yield urls


@pytest.fixture(scope="module")
def client(urls: DatabaseUrls, settings: Settings) -> Iterator[TestClient]:
    """The application over that database."""
    mapfiles: Path = settings.mapfile_path.parent
    mapfiles.mkdir(parents=True, exist_ok=True)
    with TestClient(create_app(settings, urls), follow_redirects=False) as client:
        yield client


def address(identifier: str) -> str:
    return f"/id/{identifier.replace(' ', '%20')}"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("*/*", "json"),
        ("application/geo+json", "json"),
        ("application/json", "json"),
        (BROWSER, "html"),
        ("application/gml+xml", "gml"),
        ("text/html;q=0.5, application/gml+xml;q=0.9", "gml"),
    ],
)
def test_a_feature_is_seen_elsewhere_in_the_format_preferred(client: TestClient, accept: str, wanted: str) -> None:
    answer = client.get(address(STAYS), headers={"Accept": accept})
    assert answer.status_code == 303
    gml, item = f"?identifier={STAYS}&f=gml", f"/{STAYS}?f={wanted}"
    assert answer.headers["location"].endswith("/ogc/collections/mines/items" + (gml if wanted == "gml" else item))
    assert answer.headers["vary"] == "Accept"


def test_format_named_wins_and_an_unknown_one_is_told(client: TestClient) -> None:
    named = client.get(address(STAYS), params={"f": "gml"}, headers={"Accept": "text/html"})
    assert named.headers["location"].endswith("f=gml")
    assert client.get(address(STAYS), params={"f": "gmll"}).json()["parameter"] == "f"
    assert client.get(address(STAYS), headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("wanted", ["json", "html", "gml"])
def test_what_a_feature_leads_to_is_the_feature(client: TestClient, wanted: str) -> None:
    answer = client.get(address(CHANGES), params={"f": wanted}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Renamed" in answer.text
    assert STAYS not in answer.text


def test_a_changed_feature_is_still_there(client: TestClient) -> None:
    assert client.get(address(CHANGES)).status_code == 303


def test_a_retired_feature_is_gone_and_its_last_state_told(client: TestClient) -> None:
    answer = client.get(address(GOES))
    told = answer.json()
    assert (answer.status_code, told["identifier"], told["collection"]) == (410, GOES, "mines")
    assert told["lastRelease"] == 1
    assert "/items/goes%2F1%20%C3%A4?asOf=" in told["asOf"]
    as_of = datetime.fromisoformat(told["asOf"].partition("asOf=")[2])
    assert as_of < datetime.fromisoformat(told["retiredAt"])
    assert told["asOf"] in answer.headers["link"]
    assert client.get(told["asOf"]).json()["properties"]["identifier"] == GOES


def test_a_retired_feature_names_what_took_its_place(client: TestClient) -> None:
    answer = client.get(address(MERGED))
    assert answer.status_code == 410
    (successor,) = answer.json()["successors"]
    assert successor.endswith(f"/id/{CHANGES}")
    assert f'<{successor}>; rel="successor-version"' in answer.headers["link"]
    assert client.get(successor).status_code == 303
    assert successor in client.get(address(MERGED), headers={"Accept": BROWSER}).text
    assert client.get(address(GOES)).json()["successors"] == []


def test_a_retired_feature_has_a_page_for_people(client: TestClient) -> None:
    answer = client.get(address(GOES), headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (410, "text/html")
    assert "release 1" in answer.text
    assert "asOf=" in answer.text


@pytest.mark.parametrize("wrong", ["stays-2", "Stays-1", "nothing", "%00", "a" * 3000])
def test_an_unknown_identifier_is_not_found(client: TestClient, wrong: str) -> None:
    answer = client.get(f"/id/{wrong}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    if wrong == "stays-2":
        assert "did you mean 'stays-1'" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("*/*", "/ogc/collections/records/items/mines?f=json"),
        (BROWSER, "/datasets/mines"),
        ("application/ld+json", "/ogc/collections/records/items/mines?f=dcat"),
        ("application/xml", "/ogc/collections/records/items/mines?f=iso"),
    ],
)
def test_a_dataset_is_seen_elsewhere_in_the_format_preferred(client: TestClient, accept: str, suffix: str) -> None:
    answer = client.get("/id/dataset/mines", headers={"Accept": accept})
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(suffix)


def test_a_release_has_an_address_of_its_own(client: TestClient) -> None:
    answer = client.get("/id/dataset/mines/release/1")
    assert answer.headers["location"].endswith("/items/mines.release.1?f=json")
    page = client.get("/id/dataset/mines/release/1", headers={"Accept": BROWSER})
    assert page.headers["location"].endswith("/datasets/mines#release-1")
    assert client.get("/id/dataset/mines/release/3").status_code == 404
    assert "did you mean 'mines'" in client.get("/id/dataset/minez").json()["detail"]


# The catalogue of two releases


def record(client: TestClient, identifier: str) -> dict[str, object]:
    found: dict[str, object] = client.get(f"/ogc/collections/records/items/{identifier}").json()
    return found


def test_a_dataset_is_told_as_its_last_release_made_it(client: TestClient) -> None:
    told = record(client, "mines")["properties"]
    assert isinstance(told, dict)
    assert (told["release"], told["numberOfFeatures"], told["license"]) == (2, 2, "CC-BY-4.0")
    assert told["created"] <= told["updated"]


def test_each_release_tells_what_it_changed_and_when_it_was_the_truth(client: TestClient) -> None:
    first, second = record(client, "mines.release.1"), record(client, "mines.release.2")
    assert first["properties"]["changes"] == {"added": 4, "changed": 0, "removed": 0}  # type: ignore[index]
    assert second["properties"]["changes"] == {"added": 0, "changed": 1, "removed": 2}  # type: ignore[index]
    assert first["time"]["interval"][1] == second["time"]["interval"][0]  # type: ignore[index]
    assert second["time"]["interval"][1] == ".."  # type: ignore[index]
    assert first["properties"]["contentHash"] != second["properties"]["contentHash"]  # type: ignore[index]


def test_releases_link_to_one_another(client: TestClient) -> None:
    def linked(identifier: str) -> dict[str, str]:
        links = record(client, identifier)["links"]
        assert isinstance(links, list)
        return {link["rel"]: link["href"] for link in links}

    assert "/items/mines.release.2?" in linked("mines.release.1")["successor-version"]
    assert "/items/mines.release.1?" in linked("mines.release.2")["predecessor-version"]
    assert "/items/mines?" in linked("mines.release.1")["latest-version"]


def test_the_page_of_a_dataset_lists_its_releases(client: TestClient) -> None:
    page = client.get("/datasets/mines").text
    assert page.index('id="release-2"') < page.index('id="release-1"')


def test_a_layer_never_published_has_a_page_that_says_so(client: TestClient) -> None:
    page = client.get("/datasets/plate-boundaries")
    assert page.status_code == 200
    assert "Nothing published yet" in page.text
