"""A region of a few mines, written into a folder as a region's files are."""

# SPDX-License-Identifier: Apache-2.0

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from app.db.roles import DatabaseUrls
from app.loading import Loaded, load_region

UNKNOWN = "http://www.opengis.net/def/nil/ogc/0/unknown"
REGION = """
id: test
title: Test
description: A region for tests.
languages: [en]
bbox: [90, -12, 142, 30]
members:
  - {country: IDN, name: Indonesia, iso2: ID}
datasets:
  - {layer: mines, file: mines.csv}
"""

Mine = dict[str, Any]


def mine(identifier: str, lon: float = 110, lat: float = 1, **values: Any) -> Mine:
    """A mine as a row of the file, right in every field unless told otherwise."""
    row = {"lon": lon, "lat": lat, "identifier": identifier, "name": f"Mine {identifier}", "country": "IDN"}
    return row | {"status_uri": UNKNOWN, "licence": "CC BY 4.0"} | values


def write(folder: Path, mines: list[Mine]) -> Path:
    """The region's folder with these mines."""
    folder.mkdir(exist_ok=True)
    (folder / "region.yml").write_text(REGION)
    with (folder / "mines.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in [mine("x"), *mines] for name in row)))
        writer.writeheader()
        writer.writerows(mines)
    return folder


def load(urls: DatabaseUrls, folder: Path, mines: list[Mine], *, force: bool = False) -> Loaded:
    """Write the mines and load the region, as `amdis load` does."""
    with engine(urls) as app:
        return load_region(app, write(folder, mines), lambda *_: None, force=force)


@contextmanager
def engine(urls: DatabaseUrls) -> Iterator[sa.Engine]:
    """An engine that connects as the application's role."""
    made = sa.create_engine(urls.app.sqlalchemy(), poolclass=sa.NullPool)
    yield made
    made.dispose()


def ask(urls: DatabaseUrls, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query as the application's role."""
    with psycopg.connect(urls.app.conninfo(), autocommit=True) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def everything(urls: DatabaseUrls) -> Mapping[str, list[tuple[Any, ...]]]:
    """All rows of mines, releases and loads."""
    tables = ("minerals.mine", "releases.release", "releases.region_load", "releases.submission")
    return {table: ask(urls, f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables}  # noqa: S608
