"""The tables of every region: codes exist, points lie where they should, figures are unique, the report adds up."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import rasterio
import yaml
from pyproj import CRS
from shapely import get_parts
from shapely.geometry import Point, Polygon, box, shape

from app.regions import read_region
from app.web.cooperation import read_cooperation
from data.compile.region import REGIONS
from data.compile.site_tables import FIELDS
from data.compile.tables import VOCABULARIES, Row, read_csv

NAMES = sorted(path.parent.name for path in REGIONS.glob("*/region.yml"))
NIL = "http://www.opengis.net/def/nil/ogc/0/"
URI_SCHEMES = {
    "mineralOccurrenceType_uri": "mineral-occurrence-type",
    "representativeCommodity_uri": "commodity-code",
    "mineralDepositModel_uri": "deposit-model",
    "status_uri": "mine-status",
    "geologicUnitType_uri": "geologicunittype",
    "representativeAge_uri": "ischart",
    "representativeOlderAge_uri": "ischart",
    "representativeYoungerAge_uri": "ischart",
}
GEOMETRIES = ("geologic-units", "plate-boundaries", "countries")
KEY = ("country", "commodity", "indicator", "content", "year")
NICKEL_KINDS = {("mine-production", "contained-metal"), ("reserves", "contained-metal")}
"""What is known of the nickel of 2023 where there is any: that of South-East Asia, none of ECO."""

SMALLEST_HOLE = 0.05
"""Square degrees: a lake of this size and an enclave of another state are not told apart on a map of the region."""

UNITS = {"kg", "t", "kt", "Mt", "TWh"}


@pytest.fixture(scope="module", params=NAMES)
def folder(request: pytest.FixtureRequest) -> Path:
    return REGIONS / str(request.param)


@pytest.fixture(scope="module")
def config(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((folder / "region.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def sites(folder: Path) -> dict[str, list[Row]]:
    return {layer: read_csv(folder / f"{layer}.csv") for layer in FIELDS}


@pytest.fixture(scope="module")
def features(folder: Path, config: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The features of each layer of lines and areas; none of a layer the region has no data for."""
    files = {dataset["layer"]: folder / dataset["file"] for dataset in config["datasets"]}
    lines = {layer: files[layer].read_text(encoding="utf-8").splitlines() for layer in GEOMETRIES if layer in files}
    return {layer: [json.loads(line) for line in lines.get(layer, [])] for layer in GEOMETRIES}


@pytest.fixture(scope="module")
def vocabulary() -> dict[str, set[str]]:
    return {scheme: {row["uri"] for row in read_csv(VOCABULARIES / f"{scheme}.csv")} for scheme in URI_SCHEMES.values()}


def test_both_regions_are_tried() -> None:
    assert {"asean", "eco"} <= set(NAMES)


def test_files_named_in_region_yml_exist(folder: Path, config: dict[str, Any]) -> None:
    for kind in ("datasets", "statistics", "rasters"):
        assert all((folder / item["file"]).is_file() for item in config[kind])
    assert config["id"] == folder.name


def test_national_systems_are_known_to_proj_and_used_in_the_region(config: dict[str, Any]) -> None:
    for code in config["coordinate_systems"]:
        area = CRS.from_epsg(code).area_of_use
        assert area is not None, code
        # Areas that cross the antimeridian (Pulkovo 1942) end west of where they begin.
        east = area.east if area.east > area.west else 180.0
        assert box(area.west, area.south, east, area.north).intersects(box(*config["bbox"])), code


def test_no_file_is_left_over_of_a_layer_the_region_does_not_have(folder: Path, config: dict[str, Any]) -> None:
    named = {item["file"] for kind in ("datasets", "rasters") for item in config[kind]}
    assert {path.name for path in folder.glob("*.geojsonl")} <= named
    assert {path.name for path in folder.glob("*.tif")} == named & {path.name for path in folder.glob("*.tif")}


def test_identifiers_are_unique_over_all_layers(
    sites: dict[str, list[Row]], features: dict[str, list[dict[str, Any]]]
) -> None:
    found = Counter(row["identifier"] for rows in sites.values() for row in rows)
    found.update(item["properties"]["identifier"] for items in features.values() for item in items)
    assert max(found.values()) == 1
    assert all(identifier == identifier.lower() and " " not in identifier for identifier in found)


def test_every_site_has_what_a_reader_needs_to_judge_it(sites: dict[str, list[Row]], folder: Path) -> None:
    titles = {row["title"]: row["licence"] for row in read_csv(folder / "sources.csv")}
    for rows in sites.values():
        for row in rows:
            assert titles[row["source"]] == row["licence"], row
            assert row["name"], row
            assert row["sourceId"], row
            assert row["positionalAccuracy"].startswith("about "), row


def test_uris_are_in_their_vocabularies(sites: dict[str, list[Row]], vocabulary: dict[str, set[str]]) -> None:
    for row in (row for rows in sites.values() for row in rows):
        for field, scheme in URI_SCHEMES.items():
            assert row.get(field, "") in vocabulary[scheme] | {"", NIL + "unknown"}, row
        assert row["representativeCommodity_uri"], row


def test_commodity_codes_labels_and_groups_agree(sites: dict[str, list[Row]]) -> None:
    concepts = {row["code"]: row for row in read_csv(VOCABULARIES / "commodity-code.csv")}
    for row in (row for rows in sites.values() for row in rows):
        codes = [concepts[code] for code in row["commodityCodes"].split("|")]
        assert row["commodity"] == ", ".join(concept["label"] for concept in codes)
        assert row["commodityGroup"] == codes[0]["group"]
        assert row["representativeCommodity_uri"] == codes[0]["uri"]


def test_points_lie_in_their_country_or_its_sea(
    sites: dict[str, list[Row]], features: dict[str, list[dict[str, Any]]], config: dict[str, Any]
) -> None:
    members = {member["country"] for member in config["members"]}
    polygons = {item["properties"]["country"]: shape(item["geometry"]) for item in features["countries"]}
    frame = box(*config["bbox"])
    for row in (row for rows in sites.values() for row in rows):
        point = Point(float(row["lon"]), float(row["lat"]))
        assert row["country"] in members, row
        assert frame.contains(point), row
        assert polygons[row["country"]].distance(point) <= 0.3, row


def test_deposits_link_to_mines_that_exist(sites: dict[str, list[Row]]) -> None:
    mines = {row["identifier"]: row["name"] for row in sites["mines"]}
    for row in sites["mineral-deposits"] + sites["mineral-occurrences"]:
        assert row["mineName"] == mines.get(row["mine_uri"], "")
        assert not row["mine_uri"] or row["mine_uri"] in mines


def test_deposits_are_deposits(sites: dict[str, list[Row]]) -> None:
    assert {row["mineralOccurrenceType"] for row in sites["mineral-deposits"]} == {"deposit"}


def test_no_status_is_made_up(sites: dict[str, list[Row]]) -> None:
    for row in sites["mines"] + sites["processing-plants"]:
        assert bool(row["status"]) == (row["status_uri"] != NIL + "unknown")


def test_geometries_are_valid_and_of_one_type(features: dict[str, list[dict[str, Any]]]) -> None:
    types = {"geologic-units": "MultiPolygon", "countries": "MultiPolygon", "plate-boundaries": "MultiLineString"}
    for layer, items in features.items():
        for item in items:
            geometry = shape(item["geometry"])
            assert geometry.geom_type == types[layer]
            assert geometry.is_valid, item["properties"]
            assert not geometry.is_empty
            if layer != "plate-boundaries":
                assert all(part.exterior.is_ccw for part in get_parts(geometry)), item["properties"]


def test_features_carry_source_licence_and_known_uris(
    features: dict[str, list[dict[str, Any]]], vocabulary: dict[str, set[str]], folder: Path
) -> None:
    titles = {row["title"]: row["licence"] for row in read_csv(folder / "sources.csv")}
    for item in (item for items in features.values() for item in items):
        properties = item["properties"]
        assert titles[properties["source"]] == properties["licence"]
        assert properties["positionalAccuracy"]
        for field, scheme in URI_SCHEMES.items():
            assert properties.get(field) in vocabulary[scheme] | {None}


def test_every_member_has_a_polygon(features: dict[str, list[dict[str, Any]]], config: dict[str, Any]) -> None:
    members = {item["properties"]["country"] for item in features["countries"] if item["properties"]["member"]}
    assert members == {member["country"] for member in config["members"]}


def test_no_state_has_a_hole_that_looks_like_water(features: dict[str, list[dict[str, Any]]]) -> None:
    shapes = {item["properties"]["identifier"]: shape(item["geometry"]) for item in features["countries"]}
    members = [item["properties"]["identifier"] for item in features["countries"] if item["properties"]["member"]]
    for name in members:
        for hole in (Polygon(ring) for part in get_parts(shapes[name]) for ring in part.interiors):
            filled = sum(hole.intersection(other).area for key, other in shapes.items() if key != name)
            assert hole.area < SMALLEST_HOLE or filled > 0.9 * hole.area, name


def test_what_is_told_of_the_cooperation_names_a_source_that_is_listed(folder: Path) -> None:
    cooperation = read_cooperation(folder, read_region(folder))
    titles = tuple(row["title"] for row in read_csv(folder / "sources.csv"))
    assert cooperation.parts
    assert all(part.source.startswith(titles) for part in cooperation.parts)
    assert cooperation.documents
    assert all(one.source in titles and one.source_id for one in cooperation.documents)


def test_figures_are_unique_positive_and_of_known_commodities(folder: Path, config: dict[str, Any]) -> None:
    rows = read_csv(folder / "production.csv")
    assert max(Counter(tuple(x[name] for name in KEY) for x in rows).values()) == 1
    commodities = {row["code"] for row in read_csv(VOCABULARIES / "commodity-code.csv")}
    titles = {row["title"] for row in read_csv(folder / "sources.csv")}
    for row in rows:
        assert float(row["value"]) > 0, row
        assert row["commodity"] in commodities, row
        assert row["country"] in {member["country"] for member in config["members"]}, row
        assert row["unit"] in UNITS, row
        assert row["estimated"] in {"true", "false", ""}, row
        assert row["source"] in titles, row


def test_a_metal_never_comes_as_ore_and_as_content_under_one_name(folder: Path) -> None:
    nickel = [x for x in read_csv(folder / "production.csv") if x["commodity"] == "nickel" and x["year"] == "2023"]
    kinds = {(x["indicator"], x["content"]) for x in nickel}
    assert kinds == (NICKEL_KINDS if folder.name == "asean" else set())


def test_report_adds_up(folder: Path) -> None:
    counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in read_csv(folder / "report.csv"):
        counts[row["layer"], row["source"]][row["outcome"]] += int(row["rows"])
    for place, outcome in counts.items():
        assert outcome["read"] == outcome["kept"] + outcome["dropped"], place


def test_report_counts_the_rows_of_the_tables(folder: Path, sites: dict[str, list[Row]]) -> None:
    report = read_csv(folder / "report.csv")
    for layer, rows in sites.items():
        assert sum(int(x["rows"]) for x in report if x["layer"] == layer and x["outcome"] == "kept") == len(rows)
    dropped = sum(int(x["rows"]) for x in report if x["layer"] in sites and x["outcome"] == "dropped")
    assert dropped == len(read_csv(folder / "dropped.csv"))


def test_relief_is_small_and_cloud_optimised(folder: Path) -> None:
    path = folder / "relief.tif"
    assert path.stat().st_size < 1_500_000
    with rasterio.open(path) as relief:
        assert relief.crs.to_epsg() == 3857
        assert relief.overviews(1)
        assert relief.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert {"TITLE", "SOURCE", "LICENCE"} <= relief.tags().keys()
