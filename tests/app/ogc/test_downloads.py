"""Downloads: from published rows to the bytes a client gets, and what is left when it goes away."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import io
import math
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pyarrow.parquet as pq
import pyproj
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.db.pool import PublicReads
from app.db.roles import DatabaseUrls
from app.errors import DownloadTooLongError
from app.layers import writing
from app.layers.catalogue import Catalogue
from app.layers.declarations import Declarations, read_declarations, read_service
from app.ogc import downloads as module
from app.ogc import files, parameters
from app.ogc.downloads import Downloads
from app.ogc.item_query import ItemQueries
from app.ogc.negotiation import negotiated
from app.problems import Problems
from gis.crs import systems
from gis.filters import Concepts
from gis.formats import WRITERS
from tests.app.ogc.contents import FORMATS, features_in
from tests.app.releases.region import load, mine
from tests.bench.processes import family
from tests.conftest import clone

NAMES = sorted(WRITERS)
MANY = 3_000
UTM = 32646
BASE = "http://testserver"


@pytest.fixture(scope="module")
def published(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseUrls]:
    """A database in which two mines were published, then 3,000."""
    with clone(template, "downloads") as urls:
        folder = tmp_path_factory.mktemp("region") / "region"
        load(urls, folder, [mine("m-0000"), mine("gone")])
        load(urls, folder, [mine(f"m-{n:04}", lon=90 + n / 100, name=f"Mine {n} " + "x" * 500) for n in range(MANY)])
        yield urls


@cache
def declarations() -> Declarations:
    return read_declarations()


class Service:
    """Downloads of mines over a catalogue, behind one route, /items, with the parameters it has in the API."""

    def __init__(self, urls: DatabaseUrls, folder: Path) -> None:
        self.urls = urls
        self.folder = folder
        self.reads = PublicReads(urls.public)
        self.catalogue = Catalogue(declarations(), self.reads)
        service = replace(read_service(BASE, "Test"), licence_url="https://example.org/terms")
        self.downloads = Downloads(urls.public, folder, self.catalogue, service)
        self.layer = self.catalogue.layer("mines")
        self.queries = ItemQueries(self.layer, systems([4326, UTM]), Concepts(declarations().vocabularies))
        handlers = Problems(lambda *_: Response(), lambda _: False).handlers()
        routes = [Route("/items", self.items), *self.downloads.routes()]
        self.app = Starlette(routes=routes, exception_handlers=handlers)

    async def items(self, request: Request) -> Response:
        query = self.queries.read(request.query_params, self.catalogue.state(self.layer.id), paged=False)
        offers = {name: writer.media_type for name, writer in WRITERS.items()}
        return await self.downloads.respond(request, self.layer, query, WRITERS[negotiated(request, offers)])


@asynccontextmanager
async def serving(urls: DatabaseUrls, folder: Path) -> AsyncIterator[Service]:
    service = Service(urls, folder)
    await service.reads.open()
    try:
        await service.catalogue.refresh()
        yield service
    finally:
        await service.reads.close()


@pytest.fixture
def get(published: DatabaseUrls, tmp_path: Path) -> Callable[..., httpx.Response]:
    """Ask for a download; nothing may be left in the folder for temporary files."""

    async def ask(path: str, method: str, headers: dict[str, str], **parameters: Any) -> httpx.Response:
        async with serving(published, tmp_path / "downloads") as service:
            transport = httpx.ASGITransport(service.app)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                answer = await client.request(method, path, params=parameters, headers=headers)
            assert service.downloads.statistics == {"streams": 0, "files": 0}
        assert list((tmp_path / "downloads").glob("*")) == []
        return answer

    def asked(
        path: str = "/items", method: str = "GET", headers: dict[str, str] | None = None, **parameters: Any
    ) -> httpx.Response:
        headers = {"Accept-Encoding": "identity"} | (headers or {})
        return asyncio.run(ask(path, method, headers, **parameters))

    return asked


Get = Callable[..., httpx.Response]


@pytest.mark.parametrize("name", NAMES)
def test_every_format_comes_as_a_file_named_after_layer_and_release(get: Get, name: str) -> None:
    answer = get(f=name, limit=5)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == WRITERS[name].media_type
    suffix = WRITERS[name].suffix
    assert answer.headers["content-disposition"] == f'attachment; filename="mines-r2{suffix}"'
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in answer.headers["link"]
    assert len(answer.content) > 500


@pytest.mark.parametrize("name", NAMES)
def test_a_download_that_has_not_changed_is_not_sent_again(get: Get, name: str) -> None:
    tag = get(f=name, limit=1).headers["etag"]
    answer = get(f=name, limit=1, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert get(f=name, limit=2, headers={"If-None-Match": tag}).status_code == 200


def test_all_features_come_without_a_limit_and_as_many_as_a_limit_says(get: Get) -> None:
    assert len(get(f="geojson").json()["features"]) == MANY
    assert len(get(f="geojson", limit=7).json()["features"]) == 7


@pytest.mark.parametrize("name", ["geojson", "geojsonseq", "csv", "gpkg"])
def test_a_limit_of_a_file_is_not_that_of_a_page(
    get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(parameters, "MAX_LIMIT", 5)
    assert len(features_in(name, get(f=name, limit=1_234).content, tmp_path)) == 1_234
    assert len(features_in(name, get(f=name, limit=10**17).content, tmp_path)) == MANY


PART = {
    "filter": "name LIKE 'Mine 1%'",  # 1, 10 to 19, 100 to 199 and 1000 to 1999
    "bbox": "90.505,-5,101.505,5",  # 51 to 1150
    "sortby": "-identifier",
    "properties": "identifier,name",
}


@pytest.mark.parametrize("epsg", [4326, UTM])
@pytest.mark.parametrize("name", FORMATS)
def test_a_file_holds_what_the_query_asks_for_and_nothing_else(get: Get, tmp_path: Path, name: str, epsg: int) -> None:
    crs = {} if epsg == 4326 else {"crs": f"http://www.opengis.net/def/crs/EPSG/0/{epsg}"}
    answer = get(f=name, limit=120, **PART, **crs)
    if crs and not WRITERS[name].any_crs:
        assert (answer.status_code, answer.json()["parameter"]) == (400, "crs")
        return
    found = features_in(name, answer.content, tmp_path)
    numbers = range(1150, 1030, -1)
    if name == "fgb":
        found.sort(reverse=True)  # it has the order of its index
    assert [identifier for identifier, _, _ in found] == [f"m-{number}" for number in numbers]
    moved = pyproj.Transformer.from_crs(4326, epsg, always_xy=True)
    for identifier, x, y in found:
        assert (x, y) == pytest.approx(moved.transform(90 + int(identifier[2:]) / 100, 1), abs=0.011 if crs else 1e-7)


def test_a_file_tells_its_terms_query_and_release(get: Get) -> None:
    told = get(f="geojson", limit=1).json()
    assert told["release"] == "2"
    assert told["licence"] == "CC BY 4.0"
    assert told["query"] == f"{BASE}/items?f=geojson&limit=1"
    assert "Mines, release 2 of 20" in told["citation"]
    metadata = pq.read_metadata(io.BytesIO(get(f="parquet", limit=1).content)).metadata
    assert metadata[b"release"] == b"2"


@pytest.mark.parametrize("name", ["csv", "gpkg", "gml"])
def test_an_answer_names_the_system_of_its_coordinates(get: Get, name: str) -> None:
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{UTM}"
    assert get(f=name, limit=1, crs=uri).headers["content-crs"] == f"<{uri}>"
    assert get(f=name, limit=1).headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert "content-crs" not in get(f=name, limit=1, skipGeometry="true").headers


def test_gml_of_few_properties_does_not_tell_what_is_known_as_unknown(get: Get) -> None:
    text = get(f="gml", limit=1, properties="name").text
    assert f"<erl:identifier>{BASE}/id/m-0000</erl:identifier>" in text
    assert 'gml:id="erl.mineview.m-0000"' in text
    assert "<erl:commodity>" not in text


def test_a_format_asked_for_by_header_stands_in_the_addresses_of_its_file(get: Get) -> None:
    csv = get(limit=2, headers={"Accept": "text/csv"})
    assert f'<{BASE}/items?limit=2&f=csvw>; rel="describedby"' in csv.headers["link"]
    kml = get(limit=2, headers={"Accept": "application/vnd.google-earth.kml+xml"})
    assert f"{BASE}/items?limit=2&amp;f=kml" in kml.text


def test_a_file_of_an_earlier_moment_is_of_its_release(get: Get, published: DatabaseUrls) -> None:
    with psycopg.connect(published.public.conninfo()) as connection:
        row = connection.execute(
            "SELECT published_at FROM releases.release WHERE layer = 'mines' AND number = 1"
        ).fetchone()
    assert row is not None
    answer = get(f="geojson", asOf=row[0].isoformat())
    assert sorted(feature["id"] for feature in answer.json()["features"]) == ["gone", "m-0000"]
    assert answer.json()["release"] == "1"
    assert 'filename="mines-r1.geojson"' in answer.headers["content-disposition"]


def test_files_hold_what_their_length_says_and_are_whole(get: Get, tmp_path: Path) -> None:
    answer = get(f="gpkg")
    assert int(answer.headers["content-length"]) == len(answer.content)
    (tmp_path / "a.gpkg").write_bytes(answer.content)
    told = subprocess.run(["ogrinfo", "-so", "-al", tmp_path / "a.gpkg"], capture_output=True, check=True, text=True)
    assert f"Feature Count: {MANY}" in told.stdout
    assert zipfile.ZipFile(io.BytesIO(get(f="shp", limit=3).content)).testzip() is None


def test_text_is_compressed_for_who_takes_it(get: Get) -> None:
    plain, packed = get(f="csv"), get(f="csv", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in get(f="gpkg", limit=1, headers={"Accept-Encoding": "gzip"}).headers


def test_a_table_links_to_its_description(get: Get) -> None:
    answer = get(f="csv", limit=2)
    (link,) = (one for one in answer.headers["link"].split(", ") if 'rel="describedby"' in one)
    assert link.startswith(f"<{BASE}/items?f=csvw&limit=2>")
    assert get(f="csvw", limit=2).json()["url"] == f"{BASE}/items?f=csv&limit=2"


def test_head_tells_the_headers_and_writes_nothing(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "write_apart", None)
    answer = get(f="gpkg", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == WRITERS["gpkg"].media_type
    assert "content-length" not in answer.headers


def test_our_own_elements_have_a_schema(get: Get) -> None:
    answer = get("/collections/plate-boundaries/schema.xsd")
    assert answer.headers["content-type"] == "application/xml"
    assert b'name="plateA"' in answer.content
    assert get("/collections/nothing/schema.xsd").status_code == 404


# What can go wrong


@pytest.mark.parametrize("name", ["csv", "gpkg"])
def test_a_database_that_does_not_answer_is_told_before_anything_is_sent(
    published: DatabaseUrls, tmp_path: Path, name: str
) -> None:
    async def ask() -> httpx.Response:
        async with serving(published, tmp_path) as service:
            service.downloads._url = replace(published.public, host="/nowhere")
            async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url=BASE) as client:
                answer = await client.get("/items", params={"f": name})
            assert service.downloads.statistics == {"streams": 0, "files": 0}
            return answer

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "nowhere" not in answer.text


def test_too_large_a_file_is_refused_and_removed(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    answer = get(f="gpkg")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "f"


def test_too_long_a_file_is_told(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", -1.0)
    monkeypatch.setattr(files, "LONGEST", -1.0)
    for name in ("gpkg", "csv"):
        assert get(f=name).status_code == 503


@pytest.mark.parametrize("name", ["csv", "gpkg"])
def test_more_downloads_than_may_run_are_asked_to_come_later(
    published: DatabaseUrls, tmp_path: Path, name: str
) -> None:
    async def ask() -> httpx.Response:
        async with serving(published, tmp_path) as service:
            service.downloads._streams._most = service.downloads._file_places._most = 0
            async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url=BASE) as client:
                return await client.get("/items", params={"f": name})

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_text_that_breaks_off_cuts_the_connection(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(module._Deadline):
        def __call__(self, rows: int) -> None:
            if rows > 2000:
                raise DownloadTooLongError("The download took too long and was stopped.")

    monkeypatch.setattr(module, "_Deadline", Broken)
    with pytest.raises(module.BrokenOffError, match="too long"):
        get(f="geojson")


class Client:
    """A client that speaks ASGI and goes away, or stops reading, after some messages."""

    def __init__(self, patience: int) -> None:
        self.messages: list[dict[str, Any]] = []
        self._patience = patience
        self.gone = asyncio.Event()

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if len(self.messages) >= self._patience:
            self.gone.set()
            await asyncio.sleep(3600)

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


def scope(name: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": "GET",
        "path": "/items",
        "query_string": f"f={name}".encode(),
        "headers": [],
        "server": ("testserver", 80),
        "scheme": "http",
        "root_path": "",
    }


async def sessions(urls: DatabaseUrls) -> int:
    async with await psycopg.AsyncConnection.connect(urls.admin.conninfo()) as connection:
        found = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'amdis export'"
        )
        row = await found.fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("name", ["geojson", "gpkg"])
def test_a_client_that_goes_away_while_it_is_sent_leaves_nothing(
    published: DatabaseUrls, tmp_path: Path, name: str
) -> None:
    async def leave() -> None:
        async with serving(published, tmp_path / "downloads") as service:
            client = Client(patience=2)
            await service.app(scope(name), client.receive, client.send)
            assert len(client.messages) == 2
            assert service.downloads.statistics == {"streams": 0, "files": 0}
            while await sessions(published):  # it ends a moment after its client
                await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(leave(), 60))
    assert list((tmp_path / "downloads").glob("*")) == []


def writers() -> list[int]:
    """Ids of the processes that write files for this one."""
    found = []
    for pid in family(os.getpid()):
        with suppress(OSError):  # it has ended since
            if b"app.layers.writing" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


@contextmanager
def slowed(urls: DatabaseUrls) -> Iterator[None]:
    """Nobody is told what is published of a layer until the block ends: a file is being written as long."""
    with psycopg.connect(urls.admin.conninfo()) as connection:
        connection.execute("LOCK TABLE releases.release IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def test_a_client_that_goes_away_while_its_file_is_written_stops_the_writing(
    published: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_LOOK", 0.1)

    async def leave() -> None:
        async with serving(published, tmp_path / "downloads") as service:
            client = Client(patience=100)
            with slowed(published):
                asked = asyncio.ensure_future(service.app(scope("gpkg"), client.receive, client.send))
                while not await sessions(published):
                    await asyncio.sleep(0.05)
                assert len(writers()) == 1
                assert len(list((tmp_path / "downloads").iterdir())) == 1
                client.gone.set()
                await asked
                assert writers() == []
            assert client.messages[0]["status"] == 499
            assert service.downloads.statistics == {"streams": 0, "files": 0}

    asyncio.run(asyncio.wait_for(leave(), 60))
    assert list((tmp_path / "downloads").glob("*")) == []


def test_a_file_whose_time_is_up_is_no_longer_written(
    published: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_LOOK", 0.1)
    monkeypatch.setattr(files, "LONGEST", 2.0)

    async def ask() -> httpx.Response:
        async with serving(published, tmp_path / "downloads") as service:
            client = httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url=BASE)
            with slowed(published):
                return await client.get("/items", params={"f": "gpkg"})

    answer = asyncio.run(asyncio.wait_for(ask(), 60))
    assert (answer.status_code, writers()) == (503, [])
    assert list((tmp_path / "downloads").glob("*")) == []


def test_a_writer_that_is_killed_takes_nothing_along(
    published: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", "import os, sys; sys.stdin.read(); os.abort()"]
    monkeypatch.setattr(writing, "dying_with_parent", lambda *_: command)

    async def ask() -> httpx.Response:
        async with serving(published, tmp_path / "downloads") as service:
            transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                answer = await client.get("/items", params={"f": "gpkg"})
                assert (await client.get("/items", params={"f": "csv", "limit": 1})).status_code == 200
            assert service.downloads.statistics == {"streams": 0, "files": 0}
            return answer

    assert asyncio.run(ask()).status_code == 500
    assert list((tmp_path / "downloads").glob("*")) == []


def test_a_client_that_takes_nothing_is_left(
    published: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.05)

    async def stall() -> None:
        async with serving(published, tmp_path) as service:
            client = Client(patience=2)
            with pytest.raises((TimeoutError, ExceptionGroup)):
                await service.app(scope("csv"), _never, client.send)
            assert service.downloads.statistics == {"streams": 0, "files": 0}

    asyncio.run(stall())


async def _never() -> dict[str, Any]:
    await asyncio.sleep(3600)
    raise AssertionError


def test_files_that_come_and_go_while_their_folder_is_weighed_break_nothing(tmp_path: Path) -> None:
    stop = threading.Event()

    def journals() -> None:
        while not stop.is_set():
            for number in range(20):
                (tmp_path / f"{number}.gpkg-journal").write_bytes(b"")
            for number in range(20):
                (tmp_path / f"{number}.gpkg-journal").unlink()

    other = threading.Thread(target=journals)
    other.start()
    try:
        for _ in range(3000):
            files._check(tmp_path, math.inf)
    finally:
        stop.set()
        other.join()


def test_what_a_killed_process_left_is_swept(published: DatabaseUrls, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "part.gpkg").write_bytes(b"x")
    os.utime(old, (0, 0))
    Service(published, tmp_path)
    assert list(tmp_path.iterdir()) == [new]
