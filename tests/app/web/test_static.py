"""Static files: what a page loads, the encodings, and that nothing outside the build is served."""

# SPDX-License-Identifier: Apache-2.0

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from app.errors import ServerError
from app.web.static import StaticFiles, read_entries

_MANIFEST = {
    "map/main.ts": {
        "file": "assets/main-1.js",
        "isEntry": True,
        "imports": ["_ground.js"],
        "css": ["assets/main-1.css"],
    },
    "_ground.js": {"file": "assets/ground-1.js", "css": ["assets/ground-1.css"]},
    "ui/site.css": {"file": "assets/site-1.css", "isEntry": True},
}


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(_MANIFEST))
    (folder / "mark.svg").write_text("<svg/>")
    (folder / "assets" / "main-1.js").write_text("plain")
    (folder / "assets" / "main-1.js.br").write_bytes(b"brotli")
    (folder / "assets" / "main-1.js.gz").write_bytes(b"gzip")
    (tmp_path / "secret.css").write_text("secret")
    return folder


@pytest.fixture
def client(dist: Path) -> TestClient:
    return TestClient(Starlette(routes=[Route("/static/{path:path}", StaticFiles(dist).serve)]))


def test_an_entry_names_its_own_and_its_imports_files(dist: Path) -> None:
    entry = read_entries(dist)["map/main.ts"]
    assert entry.script == "/static/assets/main-1.js"
    assert entry.styles == ("/static/assets/ground-1.css", "/static/assets/main-1.css")
    assert entry.preload == ("/static/assets/ground-1.js",)


def test_a_style_sheet_is_an_entry_without_a_script(dist: Path) -> None:
    entry = read_entries(dist)["ui/site.css"]
    assert (entry.script, entry.styles) == (None, ("/static/assets/site-1.css",))


def test_a_front_end_that_is_not_built_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="npm run build"):
        read_entries(tmp_path)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("identity", None), ("", None)],
)
def test_the_best_accepted_encoding_is_sent(
    client: TestClient, dist: Path, accepted: str, encoding: str | None
) -> None:
    ending = {"br": ".br", "gzip": ".gz", None: ""}[encoding]
    with client.stream("GET", "/static/assets/main-1.js", headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert raw == (dist / "assets" / f"main-1.js{ending}").read_bytes()
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


def test_hashed_files_are_kept_for_ever_and_others_are_not(client: TestClient) -> None:
    hashed = client.get("/static/assets/main-1.js", headers={"Accept-Encoding": "identity"})
    assert "immutable" in hashed.headers["cache-control"]
    assert "immutable" not in client.get("/static/mark.svg").headers["cache-control"]


@pytest.mark.parametrize("path", ["../secret.css", "%2e%2e/secret.css", "assets", "assets/main-1.js.br", "none.js", ""])
def test_nothing_but_the_built_files_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404
