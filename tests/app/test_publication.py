"""A publication shows on every protocol in every web process, without a restart."""

# SPDX-License-Identifier: Apache-2.0

import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import shapely
import sqlalchemy as sa
from PIL import Image

from app.db.base import fields_of, table_of
from app.minerals.models import Mine
from app.releases.service import StagedRow, new_submission, publish, stage
from tests.app.releases.region import UNKNOWN
from tests.published import LAYERS
from tests.running import Running, running

LON, LAT = 141.25, 25.75  # a place at sea where no other feature is
NAME = "Brand new"
PATIENCE = 120  # seconds, on a busy machine too; how long it really takes is printed

_AROUND = f"{LAT - 0.5},{LON - 0.5},{LAT + 0.5},{LON + 0.5}"
_MAP = (
    "/wms?service=WMS&version=1.3.0&request=GetMap&layers=mines&styles=&crs=EPSG:4326&width=64&height=64"
    f"&format=image/png&transparent=true&bbox={_AROUND}"
)
_INFO = _MAP.replace("GetMap", "GetFeatureInfo") + "&query_layers=mines&info_format=text/plain&i=32&j=32"
_TILE = "WebMercatorQuad/6/27/57"
_WMTS = (
    "/wmts?service=WMTS&version=1.0.0&request=GetTile&layer=mines&style=&format=image/png"
    "&tilematrixset=WebMercatorQuad&tilematrix=6&tilerow=27&tilecol=57"
)


def drawn(picture: bytes) -> bool:
    """Whether anything is drawn on a transparent ground."""
    return bool(Image.open(io.BytesIO(picture)).convert("RGBA").getchannel("A").getbbox())


SHOWN: dict[str, Callable[[httpx.Response], bool]] = {
    "/ogc/collections/mines/items?limit=1": lambda a: a.json()["numberMatched"] == 679,
    "/ogc/collections/mines/items/new-1": lambda a: a.status_code == 200,
    f"/ogc/collections/mines/items?name={NAME}": lambda a: a.json()["numberMatched"] == 1,
    f"/ogc/collections/mines/items?name={NAME}&f=csv": lambda a: NAME in a.text,
    "/id/new-1": lambda a: a.status_code == 303,
    "/ogc/collections/mines": lambda a: a.json()["extent"]["spatial"]["bbox"][0][2] >= LON,
    f"/ogc/collections/mines/tiles/{_TILE}": lambda a: NAME.encode() in a.content,
    f"/ogc/tiles/{_TILE}?collections=mines": lambda a: NAME.encode() in a.content,
    f"/ogc/collections/mines/map/tiles/{_TILE}": lambda a: drawn(a.content),
    _WMTS: lambda a: drawn(a.content),
    _MAP: lambda a: drawn(a.content),
    _INFO: lambda a: NAME in a.text,
    "/wms?service=WMS&version=1.3.0&request=GetCapabilities": lambda a: bool(re.search(r'updateSequence="9"', a.text)),
    "/wfs?service=WFS&version=2.0.0&request=GetFeature&typenames=mines&resulttype=hits": lambda a: (
        'numberMatched="679"' in a.text
    ),
    "/ogc/collections/records/items/mines": lambda a: a.json()["properties"]["release"] == 2,
    "/datasets/mines": lambda a: bool(re.search(r"\b679\b", a.text)),
    "/api/v1/layers": lambda a: "release=2" in a.text,
    f"/api/v1/search?q={NAME}": lambda a: "/id/new-1" in a.text,
    "/api/v1/search/suggest?q=Mines, release 2": lambda a: "/datasets/mines#release-2" in a.text,
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An AMDIS of this module's own, as it publishes."""
    home: Path = tmp_path_factory.mktemp("publication") / "home"
    with running(home) as server:
        yield server


def test_every_protocol_of_every_process_shows_it(published: Running) -> None:
    with httpx.Client(base_url=published.url, timeout=120, trust_env=False) as warm:
        for path, shown in SHOWN.items():
            assert not shown(warm.get(path)), f"{path} shows it before it is published"
    publish_a_mine(published)
    started = time.monotonic()
    waiting, missing = dict.fromkeys(SHOWN, 0), 0.0
    while waiting and time.monotonic() - started < PATIENCE:
        for path in list(waiting):
            # A connection of its own each time, so that both processes are asked.
            with httpx.Client(base_url=published.url, timeout=120, trust_env=False, verify=False) as client:  # noqa: S501  (plain http)
                asked = time.monotonic() - started
                waiting[path] = waiting[path] + 1 if SHOWN[path](client.get(path)) else 0
            if not waiting[path]:
                missing = asked
            elif waiting[path] == 6:
                del waiting[path]
    print(f"the last answer that did not show it was asked for after {missing:.2f} s")
    assert not waiting


def publish_a_mine(server: Running) -> None:
    """Publish one more mine, as the application's role."""
    table, layer = table_of(Mine), LAYERS["mines"]
    values = dict.fromkeys(one.name for one in fields_of(table))
    values |= {"identifier": "new-1", "name": NAME, "status_uri": UNKNOWN, "licence": "CC0"}
    engine = sa.create_engine(server.urls.app.sqlalchemy(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        submission = new_submission(connection, "test")
        stage(connection, table, submission, [StagedRow(values, shapely.Point(LON, LAT))])
        publish(connection, table, layer, submission, by="test", note="", complete=False)
    engine.dispose()
