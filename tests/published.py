"""What is published, asked of the database itself: what the services are compared with."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from app.layers.declarations import read_declarations
from app.ogc.features import item_systems
from app.regions import read_region
from gis.layer import Layer
from tests.running import Running

REGION = read_region(Path(__file__).resolve().parents[1] / "data" / "regions" / "asean")
"""The region the test server serves."""

SYSTEMS = item_systems(REGION)
"""The coordinate systems of its items, by URI."""

LAYERS: dict[str, Layer] = {name: one.layer for name, one in read_declarations().layers.items()}


@contextmanager
def database(server: Running) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection as the application's role, each statement committed by itself."""
    with psycopg.connect(server.urls.app.conninfo(), autocommit=True) as connection:
        yield connection


def rows(server: Running, layer: Layer, columns: str, where: str = "true", *values: Any) -> list[tuple[Any, ...]]:
    """Columns (as SQL) of the published rows of a layer that meet a condition, in the order they are served in."""
    text = "SELECT {columns} FROM {table} WHERE {where} ORDER BY number"
    query = sql.SQL(text).format(
        columns=sql.SQL(columns),  # type: ignore[arg-type]
        table=sql.Identifier(layer.schema, layer.table),
        where=sql.SQL(where),  # type: ignore[arg-type]
    )
    with database(server) as connection:
        return connection.execute(query, values).fetchall()


def count(server: Running, layer: Layer) -> int:
    """How many features of a layer are published."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(layer.schema, layer.table))
    with database(server) as connection:
        found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])
