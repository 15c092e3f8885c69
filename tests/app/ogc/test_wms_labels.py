"""Names in the scripts of the region are shaped: marks stack, vowels move, consonants join as they should.

A label of the service is compared with the same text by HarfBuzz through Pillow, and with its characters set one after
the other, which is what an engine without shaping draws.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, features
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.ogc.answers import Answers
from app.ogc.wms import Wms
from gis.mapserver.fastcgi import FastCGIClient
from gis.mapserver.fonts import PACKAGES, installed
from tests.gis.mapserver.engine import PUBLIC_URL, get_map, picture, running_cluster, running_engine

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """A word whose look depends on shaping. font: name of the font it is drawn with."""

    script: str
    text: str
    font: str


SAMPLES = [
    Sample("Thai", "ที่น้ำปั๊ม", "thai"),
    Sample("Lao", "ນ້ຳໝຶ່ງຫຼື້", "lao"),
    Sample("Khmer", "ព្រះស្រុកខ្មែរ", "khmer"),
    Sample("Burmese", "မြန်မာ့ကြွေး", "myanmar"),
    Sample("Vietnamese", "Quặng sắt Thạch Khê", "noto"),
]


@pytest.fixture(scope="module")
def http() -> Iterator[TestClient]:
    with running_cluster() as cluster:
        with psycopg.connect(cluster.conninfo()) as connection:
            rows = [(100 + i, f"n-{i}", one.text, 100 + i) for i, one in enumerate(SAMPLES)]
            insert = "INSERT INTO geo.place_current (fid, identifier, name, shape) VALUES (%s, %s, %s, %s)"
            connection.cursor().executemany(insert, [(*row[:3], f"SRID=4326;POINT({row[3]} 3)") for row in rows])
        with running_engine(cluster, processes=1) as engine:
            wms = Wms(Answers(FastCGIClient(engine.pool.socket)), lambda: engine.catalogue, base_url=PUBLIC_URL)
            with TestClient(Starlette(routes=wms.routes())) as http:
                yield http


def drawn(http: TestClient, number: int) -> Mask:
    """The ink of a label as the service draws it, large by a high resolution."""
    x, half = 100 + number, 0.0005
    query = get_map(bbox=f"{x - half},{3 - half},{x + half},{3 + half}", width="1200", height="1200", dpi="600")
    pixels = np.asarray(picture(http.get(f"/wms?{query}").content))[:, :, :3].astype(int)
    return trimmed(pixels.sum(axis=2) < 3 * 127)


def set_by(text: str, font: str, engine: ImageFont.Layout) -> Mask:
    """The ink of a text as Pillow draws it. engine: RAQM shapes by HarfBuzz, BASIC sets one character after another."""
    face = ImageFont.truetype(str(installed()[font]), 72, layout_engine=engine)
    canvas = Image.new("L", (2400, 400))
    ImageDraw.Draw(canvas).text((100, 100), text, fill=255, font=face)
    return trimmed(np.asarray(canvas) > 127)


def trimmed(mask: Mask) -> Mask:
    assert mask.any(), "no label is drawn"
    rows, columns = np.where(mask.any(axis=1))[0], np.where(mask.any(axis=0))[0]
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def likeness(one: Mask, other: Mask) -> float:
    """How much of either's ink lies within a stroke's width of the other's, stretched to the same size; 0 if their
    proportions differ. The service draws a halo over the edges of the ink, so the strokes are not equally thick."""
    if abs(one.shape[1] / one.shape[0] * other.shape[0] / other.shape[1] - 1) > 0.1:
        return 0
    size = one.shape[1], one.shape[0]
    scaled = np.asarray(Image.fromarray(other).resize(size, Image.Resampling.NEAREST))
    return float(min((one & thicker(scaled)).sum() / one.sum(), (scaled & thicker(one)).sum() / scaled.sum()))


def thicker(mask: Mask) -> Mask:
    spread = Image.fromarray(mask.astype("uint8") * 255).filter(ImageFilter.MaxFilter(5))
    return np.asarray(spread) > 0


@pytest.mark.parametrize("number", range(len(SAMPLES)), ids=[one.script for one in SAMPLES])
def test_label_is_shaped(http: TestClient, number: int) -> None:
    sample = SAMPLES[number]
    if sample.font not in installed():
        pytest.fail(f"The font for {sample.script} is missing: apt install {' '.join(PACKAGES)}")
    assert features.check("raqm"), "Pillow was built without Raqm"
    label = drawn(http, number)
    assert likeness(label, set_by(sample.text, sample.font, ImageFont.Layout.RAQM)) > 0.9
    if sample.script != "Vietnamese":  # Its letters are single characters, which need no shaping.
        assert likeness(label, set_by(sample.text, sample.font, ImageFont.Layout.BASIC)) < 0.75
