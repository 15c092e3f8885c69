"""GDAL reads the statistics as a table without geometry: every figure, page by page, and those of a condition."""

# SPDX-License-Identifier: Apache-2.0

import shutil
from pathlib import Path
from typing import Any

import psycopg
import pyogrio.raw
import pytest

from app.statistics.models import DIMENSIONS
from tests.clients.test_gdal import gdal, normal, requests
from tests.running import Running

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("ogrinfo", "ogr2ogr"))), reason="GDAL's programs (gdal-bin) are absent"
)
FIELDS = (*DIMENSIONS, "value", "unit", "source")


def fetched(server: Running, target: Path, *options: str) -> tuple[list[tuple[Any, ...]], str]:
    """The figures as ogr2ogr stores them, and GDAL's own log."""
    source = (f"OAPIF:{server.url}/ogc", "statistics", "-oo", "PAGE_SIZE=500")
    log = gdal("ogr2ogr", "-f", "GPKG", str(target), *source, *options)
    meta, _, geometry, columns = pyogrio.raw.read(target, layer="statistics")
    assert geometry is None or all(one is None for one in geometry)
    found = dict(zip(meta["fields"], columns, strict=True))
    return [tuple(normal(value) for value in row) for row in zip(*(found[name] for name in FIELDS), strict=True)], log


def stored(server: Running, where: str = "true") -> list[tuple[Any, ...]]:
    """The figures as the database has them."""
    names = ", ".join(f'"{name}"' for name in FIELDS)
    statement = f"SELECT {names} FROM statistics.observation WHERE replaced IS NULL AND ({where})"  # noqa: S608
    with psycopg.connect(server.urls.owner.conninfo()) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_every_figure_arrives_as_it_is_stored(server: Running, tmp_path: Path) -> None:
    found, log = fetched(server, tmp_path / "whole.gpkg")
    assert len(found) > 3000
    assert sorted(found) == sorted(stored(server))
    assert len([one for one in requests(log) if "cursor=" in one]) >= (len(found) - 1) // 500


WHERE = {
    "country = 'IDN'": "country = 'IDN'",
    "country = 'IDN' AND year >= 2015": "country = 'IDN' AND year >= 2015",
    "country = 'IDN' OR country = 'PHL'": "country IN ('IDN', 'PHL')",
    "indicator = 'mine-production' AND value > 1000": "indicator = 'mine-production' AND value > 1000",
}


@pytest.mark.parametrize("where", WHERE)
def test_a_condition_gives_the_figures_of_the_table(server: Running, tmp_path: Path, where: str) -> None:
    found, _ = fetched(server, tmp_path / "some.gpkg", "-where", where)
    assert found
    assert sorted(found) == sorted(stored(server, WHERE[where]))


def test_a_box_holds_no_figure(server: Running) -> None:
    told = gdal("ogrinfo", "-al", "-so", f"OAPIF:{server.url}/ogc", "statistics", "-spat", "90", "-12", "142", "30")
    assert "Feature Count: 0" in told
