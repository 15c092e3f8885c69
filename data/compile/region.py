"""Compile one region: read its region.yml, inputs.yml and corrections.csv, write its tables beside them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from data.compile import site_tables
from data.compile.commodities import load_commodities
from data.compile.countries import compile_countries
from data.compile.duplicates import link_mines, merge
from data.compile.estimates import Estimates
from data.compile.geology import compile_geology
from data.compile.places import Places, load_places
from data.compile.plates import compile_plates
from data.compile.production import compile_production
from data.compile.relief import SOURCE as RELIEF
from data.compile.relief import compile_relief
from data.compile.report import Report
from data.compile.sites import SiteReader
from data.compile.tables import VOCABULARIES, Row, read_csv, read_rules, write_csv

BY_HAND = ("trade-and-investment.csv", "publications.csv")
"""Figures and documents quoted from documents, not compiled: read for their sources only."""

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
    members = list(region.members)
    inputs = region.inputs
    counts = _compile_sites(region, places, target, report)
    if "geology" in inputs:
        counts["geologic-units"] = compile_geology(inputs["geology"], places, members, target, report)
    counts["plate-boundaries"] = compile_plates(inputs["plates"], region.bbox, target, report)
    boundaries = (inputs["member_countries"], inputs["world_countries"], inputs.get("leased_areas"))
    counts["countries"] = compile_countries(*boundaries, region.members, region.bbox, target, report)
    statistics = {name: inputs[name] for name in ("production", "world_statistics")}
    counts["production"] = compile_production(statistics, members, target, report)
    counts["relief overviews"] = compile_relief(inputs["relief"], target, region.rasters[0]["title"])
    report.write(target)
    counts["sources"] = _write_sources(region, target, report)
    return counts


def _write_sources(region: Region, target: Path, report: Report) -> int:
    """Write sources.csv with the sources the region's tables use, those compiled by hand included."""
    used = {source for (_, source, outcome, _) in report.counts if outcome == "kept"} | {RELIEF}
    by_hand = [path for path in (region.folder / name for name in BY_HAND) if path.is_file()]
    quoted = {row["source"] for path in by_hand for row in read_csv(path)}
    rows = [row for row in read_rules("sources") if row["id"] in used or row["title"] in quoted]
    write_csv(target / "sources.csv", tuple(rows[0]), rows)
    return len(rows)


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
    if "estimates" in region.inputs:
        estimates = Estimates.of(sites, merged, tables)
        compiled = estimates.compile(region.inputs["estimates"], list(region.members), target, report)
        counts["commodity-resources"] = compiled
    for site in sites:
        report.keep(site.layer, site.source.id)
    report.drop_sites(dropped + merged)
    return counts
