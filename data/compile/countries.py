"""Country polygons: the members and what they lease in detail, the countries around them coarser and cut off."""

from pathlib import Path
from typing import Any

from shapely.geometry import box, shape
from shapely.validation import make_valid

from data.compile.geometry import feature, polygons
from data.compile.places import code_of
from data.compile.report import Report
from data.compile.tables import Row, read_features, read_rules, write_features

LAYER = "countries"
MARGIN_DEGREES = 5.0
DETAILED = ("natural-earth-10m", "about 1 km")
COARSE = ("natural-earth-50m", "about 5 km")
LEASED = ("natural-earth-10m-leased", "about 1 km")
_LEASE = "Lease"


def compile_countries(
    detailed: Path,
    world: Path,
    areas: Path | None,
    members: dict[str, str],
    bbox: tuple[float, float, float, float],
    target: Path,
    report: Report,
) -> int:
    """Write countries.geojsonl; returns the number of countries.

    areas: Natural Earth's disputed and leased areas, of which those are taken that a member leases to another state:
    its own polygon has a hole there.
    """
    sources = {row["id"]: row for row in read_rules("sources")}
    region = box(*bbox)
    frame = region.buffer(MARGIN_DEGREES, join_style="mitre")
    written = [_feature(item, shape(item["geometry"]), members, sources, DETAILED) for item in read_features(detailed)]
    report.keep(LAYER, DETAILED[0], len(written))
    for item in read_features(world):
        geometry = make_valid(shape(item["geometry"]))
        if code_of(item) in members or not geometry.intersects(region):
            report.drop(
                LAYER, COARSE[0], "member, in detail above" if code_of(item) in members else "outside the region"
            )
            continue
        report.keep(LAYER, COARSE[0])
        written.append(_feature(item, geometry.intersection(frame), members, sources, COARSE))
    for item in _leased(areas, members) if areas else ():
        report.keep(LAYER, LEASED[0])
        written.append(_feature(item, shape(item["geometry"]), members, sources, LEASED))
    written.sort(key=lambda item: (not item["properties"]["member"], item["id"]))
    write_features(target / f"{LAYER}.geojsonl", written)
    return len(written)


def _leased(areas: Path, members: dict[str, str]) -> list[dict[str, Any]]:
    found = (item for item in read_features(areas) if item["properties"]["TYPE"] == _LEASE)
    return [item for item in found if item["properties"]["SOV_A3"] in members]


def _feature(
    item: dict[str, Any], geometry: Any, members: dict[str, str], sources: dict[str, Row], kind: tuple[str, str]
) -> dict[str, Any]:
    published, code = item["properties"], code_of(item)
    iso2 = str(published["ISO_A2"])
    properties = {
        "identifier": code.lower(),
        "name": members.get(code, published["NAME_LONG"]),
        "country": code if published["ISO_A3"] != "-99" else None,
        "iso2": iso2 if iso2 != "-99" else None,
        "member": code in members,
        "source": sources[kind[0]]["title"],
        "sourceId": str(published["ADM0_A3"]),
        "licence": sources[kind[0]]["licence"],
        "positionalAccuracy": kind[1],
    }
    return feature(polygons(geometry), properties)
