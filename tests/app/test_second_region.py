"""Another region is a folder of data: every service shows its states, facts and gaps, and no code names a region."""

# SPDX-License-Identifier: Apache-2.0

import csv
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from lxml import etree
from PIL import Image

from app.regions import Dataset, read_region
from tests.running import running

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "regions" / "eco"
REGION = read_region(FOLDER)
CODE = (
    "app",
    "gis",
    "migrations",
    "ogc_config",
    "frontend/features",
    "frontend/map",
    "frontend/ui",
    "frontend/templates",
)
NAMING = {("app/settings.py", "default"), ("app/cli.py", "Example")}
"""The places that may name a region: the default of a setting, and an example of its use."""


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server of the region ECO."""
    with (
        running(tmp_path_factory.mktemp("eco") / "home", {"AMDIS_REGION": "eco"}) as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client,
    ):
        yield client


def in_file(name: str) -> int:
    """How many facts a file of the region holds."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file)) if name.endswith(".csv") else sum(1 for line in file if line)


def test_the_landing_page_names_the_region_and_all_its_states(http: httpx.Client) -> None:
    page = http.get("/").text
    assert "ECO Minerals Information System" in page
    assert "no opinion of ECO" in page
    for member in REGION.members:
        assert member.name in page, member


@pytest.mark.parametrize("dataset", REGION.datasets, ids=lambda dataset: dataset.layer)
def test_every_fact_of_the_files_is_served(http: httpx.Client, dataset: Dataset) -> None:
    layer, file = dataset.layer, dataset.file
    page = http.get(f"/ogc/collections/{layer}/items", params={"limit": 1}).json()
    assert page["numberMatched"] == in_file(file) > 0


def test_a_layer_without_data_is_empty_and_says_so(http: httpx.Client) -> None:
    page = http.get("/ogc/collections/geologic-units/items").json()
    assert (page["numberMatched"], page["features"]) == (0, [])
    layers = {layer["id"]: layer for layer in http.get("/api/v1/layers").json()["layers"]}
    assert layers["geologic-units"]["count"] == 0
    assert layers["mines"]["count"] == in_file("mines.csv")


def test_figures_are_of_its_states_alone(http: httpx.Client) -> None:
    cube = http.get("/api/v1/statistics").json()
    assert cube["observations"] == in_file("production.csv")
    countries = next(one for one in cube["dimensions"] if one["id"] == "country")
    assert {code["code"] for code in countries["codes"]} == {member.country for member in REGION.members}


def test_items_come_in_its_national_systems(http: httpx.Client) -> None:
    offered = http.get("/ogc/collections/mines").json()["crs"]
    for code in REGION.coordinate_systems:
        assert f"http://www.opengis.net/def/crs/EPSG/0/{code}" in offered, code


def test_the_map_draws_its_sites(http: httpx.Client) -> None:
    west, south, east, north = REGION.box
    query = {
        "service": "WMS",
        "version": "1.3.0",
        "request": "GetMap",
        "layers": "countries,mineral-deposits,mines",
        "styles": "",
        "crs": "CRS:84",
        "bbox": f"{west},{south},{east},{north}",
        "width": "600",
        "height": "300",
        "format": "image/png",
    }
    picture = Image.open(BytesIO(http.get("/wms", params=query).content)).convert("RGB")
    colours = picture.getcolors(600 * 300)
    assert colours is not None
    assert len(colours) > 50
    capabilities = http.get("/wms?service=WMS&version=1.3.0&request=GetCapabilities").content
    assert b"ECO" in etree.tostring(etree.fromstring(capabilities))


def test_its_project_opens_on_its_own_name_only(http: httpx.Client) -> None:
    project = http.get("/qgis/eco.qgs")
    assert project.status_code == 200
    assert etree.fromstring(project.content).tag == "qgis"
    assert http.get("/qgis/asean.qgs").status_code == 404


@pytest.mark.parametrize("path", ["/", "/map", "/datasets", "/ogc", "/ogc/collections", "/datasets/relief"])
def test_no_page_speaks_of_another_region(http: httpx.Client, path: str) -> None:
    page = http.get(path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert not re.search(r"\basean\b|south-?east asia", page.text, re.IGNORECASE)


def test_no_code_names_a_region() -> None:
    found = []
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".py", ".yml", ".ts", ".svelte", ".html", ".css", ".json") or not path.is_file():
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                place = path.relative_to(ROOT).as_posix()
                allowed = any(place == file and word in line for file, word in NAMING)
                if re.search(r"\b(asean|eco)\b", line, re.IGNORECASE) and not allowed:
                    found.append(f"{place}:{number}")
    assert not found, json.dumps(found, indent=1)
