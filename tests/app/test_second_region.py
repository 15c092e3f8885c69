"""Another region is a folder of data: every service shows its states, facts and gaps, and no code names a region."""

# SPDX-License-Identifier: Apache-2.0

import csv
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree, html
from PIL import Image

from app.regions import Dataset, read_region
from app.web.cooperation import read_cooperation
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

PAGES = {
    "/": "How its states work together|Bagaimana negara-negaranya bekerja sama",
    "/about": "Sustainable management of mineral resources (SMR)|Pengelolaan sumber daya mineral yang berkelanjutan",
    "/publications": "Joint press statements|Pernyataan pers bersama",
    "/countries": "Kyrgyz Republic|Republik Kirgiz",
    "/countries/IRN": "No geology is published yet|Belum ada geologi yang diterbitkan",
    "/countries/TKM": "Reports of national customs by HS|Laporan bea cukai nasional menurut kode HS",
    "/commodities": "Base metals|Logam dasar",
    "/commodities/chromium": "Türkiye|Turki",
    "/statistics": "Mine production|Produksi tambang",
    "/statistics?indicator=exports-share": "Customs reports of all exports|bea cukai atas seluruh ekspor",
    "/statistics/checks": "Mirror trade|Perdagangan cermin",
    "/resources/unfc": "classified on no axis|pada sumbu mana pun",
    "/resources/unfc?country=TUR": "Türkiye|Turki",
    "/datasets": "Mineral deposits|Endapan mineral",
    "/datasets/relief": "Shaded relief|Relief berbayang",
    "/search?q=roadmap": "Vision and plans|Visi dan rencana",
    "/search": "What can be found|Apa yang dapat ditemukan",
    "/map": "ECO Minerals Information System|Sistem Informasi Mineral ECO",
}
"""Pages of the region and what they say, in English and in Bahasa Indonesia."""
LANGUAGES = ("en", "id")
ANOTHER_REGION = re.compile(r"\basean\b|south-?east asia|asia tenggara", re.IGNORECASE)
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_its_own_in_every_language(http: httpx.Client, path: str, language: str) -> None:
    page = http.get(path, headers={**BROWSER, "Accept-Language": language})
    assert page.status_code == 200
    assert f'<html lang="{language}" dir="ltr">' in page.text
    assert dict(zip(LANGUAGES, PAGES[path].split("|"), strict=True))[language] in page.text
    assert not ANOTHER_REGION.search(page.text)


@pytest.mark.parametrize("path", ["/ogc", "/ogc/collections", "/feed.atom", "/sitemap.xml", "/card.png"])
def test_no_service_speaks_of_another_region(http: httpx.Client, path: str) -> None:
    answer = http.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert not ANOTHER_REGION.search(answer.text)


def test_the_text_on_its_cooperation_names_its_source_and_lists_its_areas(http: httpx.Client) -> None:
    page = html.fromstring(http.get("/about", headers=BROWSER).text)
    (listed,) = page.xpath("//dl[@class='points']")
    assert len(listed.xpath("div/dt")) == len(listed.xpath("div/dd")) == 6
    parts = page.xpath("//section[starts-with(@aria-labelledby, 'part-')]")
    assert len(parts) == len(read_cooperation(FOLDER, REGION).parts) > 3
    assert all("ECO Five-Year Roadmap" in part.xpath("string(p[last()])") for part in parts)


def test_documents_that_are_not_known_are_a_gap_that_says_what_would_fill_it(http: httpx.Client) -> None:
    page = html.fromstring(http.get("/publications", headers=BROWSER).text)
    items = page.xpath("//ul[@class='documents']/li")
    assert len(items) == in_file("publications.csv") > 0
    assert all("date not stated" in item.text_content() for item in items), "the roadmap gives no dates"
    (gap,) = page.xpath("//section[@aria-labelledby='gaps']//p")
    assert "Joint press statements" in gap.text_content()
    assert "Vision and plans" not in gap.text_content()
    assert "What would fill it" in gap.text_content()


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("roadmap", "ECO Five-Year Roadmap on Minerals Cooperation for 2026-2030"),
        ("atlas", "Atlas of the ECO Member States Thematic Maps"),
        ("MSARC", "Multi-stakeholder approach in regional cooperation (MSARC)"),
        ("kemajuan", "How progress is followed"),
    ],
)
def test_a_search_leads_to_its_cooperation(http: httpx.Client, typed: str, title: str) -> None:
    groups = http.get("/api/v1/search", params={"q": typed}).json()["groups"]
    found = next(group for group in groups if group["kind"] == "cooperation")["results"][0]
    assert found["title"] == title
    page, _, anchor = found["href"].partition("#")
    assert html.fromstring(http.get(page, headers=BROWSER).text).xpath(f"//*[@id='{anchor}']")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/countries/TUR", "/countries/TKM", "/commodities/chromium"])
def test_a_brief_is_set(http: httpx.Client, path: str, language: str) -> None:
    brief = http.get(f"{path}/brief.pdf", params={"lang": language})
    assert (brief.status_code, brief.headers["Content-Type"]) == (200, "application/pdf")
    assert brief.content.startswith(b"%PDF")


def test_the_map_of_the_site_holds_its_states_and_pages_that_are_there(http: httpx.Client) -> None:
    places = etree.fromstring(http.get("/sitemap.xml").content).xpath("//*[local-name()='loc']/text()")
    paths = [urlsplit(str(place)).path for place in places]
    assert {f"/countries/{member.country}" for member in REGION.members} <= set(paths)
    for path in paths[::9]:
        assert http.get(path, headers=BROWSER).status_code == 200, path


def test_the_feed_tells_its_releases(http: httpx.Client) -> None:
    feed = etree.fromstring(http.get("/feed.atom").content)
    assert feed.xpath("string(*[local-name()='title'])") == "ECO Minerals Information System: releases"
    entries = feed.xpath("*[local-name()='entry']")
    assert len(entries) == len(REGION.datasets) + 1, "one of each dataset and one of the statistics"


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
