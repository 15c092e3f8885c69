"""Compile one region: read its region.yml, inputs.yml and corrections.csv, write its tables beside them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from data.compile import site_tables
from data.compile.commodities import load_commodities
from data.compile.duplicates import link_mines, merge
from data.compile.places import Places, load_places
from data.compile.report import Report
from data.compile.sites import SiteReader
from data.compile.tables import VOCABULARIES, Row, read_csv, read_rules, write_csv

REGIONS = Path(__file__).parents[1] / "regions"


@dataclass(frozen=True)
class Region:
    """A region: where its tables go, its members by ISO 3166-1 alpha-3 code, its bbox (degrees) and its input files."""

    folder: Path
    members: dict[str, str]
    bbox: tuple[float, float, float, float]
    inputs: dict[str, Path]
    corrections: list[Row]
    rasters: list[dict[str, str]]


def load_region(name: str, source: Path) -> Region:
    """The region of a folder of data/regions, its inputs taken from the source folder."""
    folder = REGIONS / name
    config: dict[str, Any] = yaml.safe_load((folder / "region.yml").read_text(encoding="utf-8"))
    inputs: dict[str, str] = yaml.safe_load((folder / "inputs.yml").read_text(encoding="utf-8"))
    west, south, east, north = config["bbox"]
    return Region(
        folder=folder,
        members={member["country"]: member["name"] for member in config["members"]},
        bbox=(west, south, east, north),
        inputs={key: source / path for key, path in inputs.items()},
        corrections=read_csv(folder / "corrections.csv"),
        rasters=config["rasters"],
    )


def compile_region(name: str, source: Path, target: Path | None = None) -> dict[str, int]:
    """Write all tables of a region; returns rows written by table."""
    region = load_region(name, source)
    target = target or region.folder
    report = Report()
    places = load_places(region.inputs["member_countries"], region.inputs["world_countries"], list(region.members))
    counts = _compile_sites(region, places, target, report)
    report.write(target)
    return counts


def _compile_sites(region: Region, places: Places, target: Path, report: Report) -> dict[str, int]:
    commodities = load_commodities()
    reader = SiteReader(commodities, places, region.members, region.corrections)
    read, dropped = reader.read(region.inputs["sites"])
    kept, merged = merge(read)
    sites = link_mines(kept)
    tables = site_tables.SiteTables(
        commodities=commodities,
        sources={row["id"]: row for row in read_rules("sources")},
        models=reader.models,
        model_concepts={row["code"]: row for row in read_csv(VOCABULARIES / "deposit-model.csv")},
        occurrence_types={row["code"]: row for row in read_csv(VOCABULARIES / "mineral-occurrence-type.csv")},
        assets=reader.assets,
    )
    counts = {}
    for layer, fields in site_tables.FIELDS.items():
        rows = tables.rows(layer, sites)
        write_csv(target / f"{layer}.csv", fields, rows)
        counts[layer] = len(rows)
    for site in sites:
        report.keep(site.layer, site.source.id)
    report.drop_sites(dropped + merged)
    return counts
