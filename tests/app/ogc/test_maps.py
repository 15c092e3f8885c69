# SPDX-License-Identifier: Apache-2.0

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.layers.catalogue import Snapshot
from app.ogc.answers import Answers
from app.ogc.maps import Maps
from app.ogc.maptiles import MapTiles
from app.regions import read_region
from app.settings import Settings
from gis.errors import InvalidDeclarationError
from gis.layer import LayerState
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.fastcgi import FastCGIClient
from tests.gis.mapserver.engine import by_kind, places, published, service


def maps_in(folder: Path) -> Maps:
    settings = Settings(home=folder)
    region = read_region(settings.region_path).model_copy(update={"rasters": []})
    return Maps(settings, region, service(), "dbname=x")


def snapshot(release: int) -> Snapshot:
    pairs = published()
    states = {layer.id: LayerState(release, 1, (99.0, -4.0, 107.0, 4.0)) for layer, _ in pairs}
    return Snapshot(states, {one.id: one for one, _ in pairs}, {one.id: styles for one, styles in pairs}, str(release))


def undrawable() -> Snapshot:
    layer = places(table="no table")
    return Snapshot({layer.id: LayerState(9, 1, None)}, {layer.id: layer}, {layer.id: (by_kind(),)}, "9")


def test_a_catalogue_counts_once_its_capabilities_are_made(tmp_path: Path) -> None:
    async def follow() -> list[int]:
        maps = maps_in(tmp_path)
        maps.swap(snapshot(1))
        maps.prepare()
        await maps.ready()
        served, made = [], asyncio.Event()

        async def capabilities(offered: Catalogue) -> None:
            served.append(maps.catalogue().version)
            await made.wait()

        maps.before_each(capabilities)
        maps.swap(snapshot(2))
        maps.prepare()
        while not served:
            await asyncio.sleep(0.01)
        served.append(maps.catalogue().version)
        made.set()
        await maps.ready()
        return [*served, maps.catalogue().version]

    assert asyncio.run(follow()) == [3, 3, 6]


def test_tiles_are_drawn_anew_for_another_style_of_the_same_release(tmp_path: Path) -> None:
    async def marks() -> list[str]:
        maps = maps_in(tmp_path)
        tiles = MapTiles(Answers(FastCGIClient(tmp_path / "none.sock")), maps.catalogue)
        found = []
        now = snapshot(1)
        (first, *others), name = now.styles["places"], "places"
        restyled = {**now.styles, name: (replace(first, classes=first.classes[:1]), *others)}
        for one in (now, now, replace(now, styles=restyled)):
            maps.swap(one)
            maps.prepare()
            await maps.ready()
            found.append(tiles.mark(name))
        return found

    first, same, other = asyncio.run(marks())
    assert first == same != other


def test_of_many_publications_at_once_the_last_one_is_served(tmp_path: Path) -> None:
    async def follow() -> tuple[list[int], int]:
        maps, prepared = maps_in(tmp_path), []

        async def capabilities(offered: Catalogue) -> None:
            prepared.append(offered.version)

        maps.before_each(capabilities)
        for release in range(1, 6):
            maps.swap(snapshot(release))
            maps.prepare()
        await asyncio.sleep(0)
        maps.swap(snapshot(7))
        maps.prepare()
        await maps.ready()
        return prepared, maps.catalogue().version

    assert asyncio.run(follow()) == ([15, 21], 21)


def test_what_cannot_be_drawn_leaves_the_maps_as_they_were(tmp_path: Path) -> None:
    async def follow() -> list[int]:
        maps, versions = maps_in(tmp_path), []
        for one in (snapshot(1), undrawable(), snapshot(2)):
            maps.swap(one)
            maps.prepare()
            try:
                await maps.ready()
            except InvalidDeclarationError:
                versions.append(-1)
            versions.append(maps.catalogue().version)
        return versions

    assert asyncio.run(follow()) == [3, -1, 3, 6]


def test_a_start_stops_where_nothing_can_be_drawn(tmp_path: Path) -> None:
    async def start() -> None:
        maps = maps_in(tmp_path)
        maps.swap(undrawable())
        maps.prepare()
        await maps.ready()

    with pytest.raises(InvalidDeclarationError, match="no table"):
        asyncio.run(start())
