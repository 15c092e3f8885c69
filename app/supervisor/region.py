"""Loads the region's data at the start, if they are not what was loaded last."""

# SPDX-License-Identifier: Apache-2.0

import hashlib
from pathlib import Path

import psycopg

from app.db.bootstrap import connect
from app.db.roles import DatabaseUrl, DatabaseUrls
from app.settings import Settings
from app.supervisor.children import run_to_the_end

_LOADED = "SELECT coalesce(string_agg(r::text, ' ' ORDER BY r::text), '') FROM releases.region_load r"


def load_if_changed(settings: Settings, urls: DatabaseUrls) -> None:
    """Run `amdis load`, unless neither the files nor what the database says was loaded has changed since.

    `amdis load` itself compares contents and loads nothing twice; this only saves a start its two seconds.

    Raises:
        ServerError: the loading failed.
    """
    marker = settings.run_path / "region-loaded"
    seen = marker.read_text() if marker.exists() else ""
    if seen and seen == _state(settings.region_path, urls.app):
        return
    run_to_the_end(["load"])
    settings.run_path.mkdir(parents=True, exist_ok=True)
    marker.write_text(_state(settings.region_path, urls.app))


def _state(folder: Path, url: DatabaseUrl) -> str:
    """A fingerprint of the files (names, sizes, times) and of what the database says it holds; "" for nothing."""
    with connect(url) as connection:
        try:
            row = connection.execute(_LOADED).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return ""
    loaded = str(row[0]) if row else ""
    files = [(str(path), path.stat()) for path in sorted(folder.rglob("*")) if path.is_file()]
    described = [f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in files]
    return hashlib.sha256("\n".join([loaded, *described]).encode()).hexdigest() if loaded else ""
