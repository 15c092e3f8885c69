"""The suites, their pinned versions and what each is told: the one place to change when a suite is published anew."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import httpx

Arguments = Callable[[str, Path], Mapping[str, str]]
"""What a suite is told of the service: from its address and a folder for files."""


@dataclass(frozen=True)
class Suite:
    """One suite. versions: those that are tried, the wanted one first. explained: failures that stand, by test name,
    with the reason; docs/conformance.md tells it in full."""

    name: str
    artifact: str
    versions: tuple[str, ...]
    arguments: Arguments
    explained: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    companions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Artefacts a version needs beside it."""
    at_home: bool = False
    """Whether it knows no option for the folder of its report, and writes it at home."""


SCHEMAS = "org.jvnet.ogc:ogc-schemas:2.6.1"
"""The schemas of schemas.opengis.net, which the suites read."""

JAVA_8 = (
    "jakarta.xml.bind:jakarta.xml.bind-api:2.3.3",
    "com.sun.xml.bind:jaxb-impl:2.3.9",
    "com.sun.activation:jakarta.activation:1.2.2",
)
"""What Java had within it when the suites of 2015 were written."""


def _features(url: str, folder: Path) -> dict[str, str]:
    return {"iut": f"{url}/ogc/", "noofcollections": "-1"}


def _tiles(url: str, folder: Path) -> dict[str, str]:
    template = f"{url}/ogc/collections/mineral-occurrences/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    return {
        "iut": f"{url}/ogc/",
        "tilematrixsetdefinitionuri": "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
        "urltemplatefortiles": f"{template}?f=mvt",
        "tilematrix": "4",
        # The suite wants 200 of every tile in here: each holds something.
        "mintilerow": "7",
        "maxtilerow": "8",
        "mintilecol": "12",
        "maxtilecol": "13",
    }


def _wfs(url: str, folder: Path) -> dict[str, str]:
    return {"wfs": f"{url}/wfs?service=WFS&version=2.0.0&request=GetCapabilities", "fid": ""}


def _gml(url: str, folder: Path) -> dict[str, str]:
    return {"gml": f"{url}/wfs?service=WFS&version=2.0.0&request=GetFeature&typenames=geologic-units&count=50"}


def _geopackage(url: str, folder: Path) -> dict[str, str]:
    exported = folder / "mineral-occurrences.gpkg"
    answer = httpx.get(f"{url}/ogc/collections/mineral-occurrences/items?f=gpkg", timeout=60, trust_env=False)
    exported.write_bytes(answer.raise_for_status().content)
    return {"iut": exported.as_uri()}


SUITES = (
    Suite("Features 1.0, Part 1 and 2", "org.opengis.cite:ets-ogcapi-features10", ("1.9",), _features),
    Suite("Tiles 1.0", "org.opengis.cite:ets-ogcapi-tiles10", ("1.2",), _tiles),
    Suite(
        "WFS 2.0",
        "org.opengis.cite:ets-wfs20",
        ("1.43", "1.25"),
        _wfs,
        explained={"propertyIsNil": "fields without a value are left out; none is declared nillable"},
        companions={"1.25": JAVA_8},
    ),
    Suite(
        "GML 3.2.1",
        "org.opengis.cite:ets-gml32",
        ("1.33",),
        _gml,
        # Packed into one file, the suite has lost the list of the coordinate operations it knows.
        companions={"1.33": ("org.apache.sis.core:sis-referencing:1.4",)},
        at_home=True,
    ),
    Suite("GeoPackage 1.2", "org.opengis.cite:ets-gpkg12", ("1.3",), _geopackage),
)
"""The suites written for TestNG; tests.cite.ctl has the one that is not."""
