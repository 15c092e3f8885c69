"""The benchmark's region: points and polygons in the project's own schema, the same at every run.

Points lie unevenly, three quarters of them in districts as ore does, the rest anywhere; polygons fill a grid.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from app.minerals.vocabularies import read_vocabularies
from gis.vocabulary import Term, Vocabulary

Array = npt.NDArray[np.float64]
Terms = tuple[Term, ...]

POINTS = 300_000
POLYGONS = 32_000
VERTICES = 66
"""Positions of a polygon's ring, the closing one included: 2.1 million in all."""
PROVINCES = 77
NAMES = 9_973
ACCURACIES = ("about 100 m", "about 1 km", "about 10 km or worse")

_DATA = Path(__file__).resolve().parents[2] / "data"
_SEED = 20_261_123
_DISTRICTS = 160
_IN_DISTRICTS = 0.75
_POINTS_FILE = "mineral-occurrences.csv"
_POLYGONS_FILE = "geologic-units.geojsonl"
_DATASETS = (
    {"layer": "mineral-occurrences", "file": _POINTS_FILE},
    {"layer": "geologic-units", "file": _POLYGONS_FILE},
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make."""

    points: int = POINTS
    polygons: int = POLYGONS


def write_region(folder: Path, size: Size) -> Path:
    """Write the region's files into the folder, unless this very size is there already; returns the folder."""
    mark = folder / ".complete"
    made = f"{_SEED} {size}"
    if mark.exists() and mark.read_text() == made:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    mark.unlink(missing_ok=True)
    region = _region(_DATASETS)
    vocabularies = read_vocabularies()
    _write_points(folder / _POINTS_FILE, size.points, vocabularies)
    _write_polygons(folder / _POLYGONS_FILE, size.polygons, region["bbox"], vocabularies)
    _write_declaration(folder, region)
    mark.write_text(made)
    return folder


def write_empty_region(folder: Path) -> Path:
    """Write a region that has no files, for a database that is filled otherwise; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_declaration(folder, _region([]))
    return folder


def extent() -> tuple[float, float, float, float]:
    """West, south, east, north of the region in degrees."""
    west, south, east, north = map(float, _region([])["bbox"])
    return west, south, east, north


def coordinates(count: int) -> tuple[Array, Array]:
    """Longitudes and latitudes of the points in the order of their identifiers, in degrees of six digits."""
    random = np.random.default_rng(_SEED)
    west, south, east, north = extent()
    low, high = np.array([west, south]), np.array([east, north])
    centres = random.uniform(low + 1, high - 1, (_DISTRICTS, 2))
    spread = random.uniform(0.3, 2.5, _DISTRICTS)
    weight = random.pareto(1.2, _DISTRICTS) + 0.3
    district = random.choice(_DISTRICTS, count, p=weight / weight.sum())
    clustered = centres[district] + random.normal(size=(count, 2)) * spread[district, None]
    anywhere = random.uniform(low, high, (count, 2))
    inside = ((clustered > low) & (clustered < high)).all(axis=1) & (random.random(count) < _IN_DISTRICTS)
    places = np.round(np.where(inside[:, None], clustered, anywhere), 6)
    return places[:, 0], places[:, 1]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the attributes of a point are chosen from."""

    commodities: Terms
    types: Terms
    models: Terms
    countries: tuple[str, ...]

    @classmethod
    def of(cls, known: Mapping[str, Vocabulary]) -> "Choices":
        """The project's own vocabularies and the members of the region."""
        commodities = tuple(term for term in known["commodity-code"] if term.extra.get("group"))
        countries = tuple(member["country"] for member in _region([])["members"])
        return cls(commodities, tuple(known["mineral-occurrence-type"]), tuple(known["deposit-model"]), countries)


def picks(count: int, choices: Choices) -> npt.NDArray[np.int32]:
    """Which of the choices each point has, shape (count, 7), in the order of its identifiers.

    Columns: commodity, second commodity, type, deposit model, country, number of its name, accuracy.
    """
    random = np.random.default_rng(_SEED + 1)
    commodities = len(choices.commodities)
    kinds = (commodities, commodities, len(choices.types), len(choices.models), len(choices.countries), NAMES, 3)
    return (random.integers(0, 2**31, (count, 7)) % kinds).astype(np.int32)


def _region(datasets: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    given = yaml.safe_load((_DATA / "regions" / "asean" / "region.yml").read_text(encoding="utf-8"))
    own = {"id": "bench", "title": "Benchmark", "description": "Made-up features to measure with."}
    files = {"datasets": list(datasets), "statistics": [], "rasters": [], "about": "", "publications": ""}
    return given | own | files


def _write_declaration(folder: Path, region: Mapping[str, object]) -> None:
    (folder / "region.yml").write_text(yaml.safe_dump(region, allow_unicode=True), encoding="utf-8")


def _write_points(path: Path, count: int, known: Mapping[str, Vocabulary]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = _point_rows(count, known)
        first = next(rows)
        table = csv.DictWriter(file, list(first), lineterminator="\n")
        table.writeheader()
        table.writerow(first)
        table.writerows(rows)


def _point_rows(count: int, known: Mapping[str, Vocabulary]) -> Iterator[dict[str, object]]:
    choices = Choices.of(known)
    lon, lat = coordinates(count)
    for number, pick in enumerate(picks(count, choices).tolist()):
        main, second = choices.commodities[pick[0]], choices.commodities[pick[1]]
        kind, model, country = choices.types[pick[2]], choices.models[pick[3]], choices.countries[pick[4]]
        yield {
            "lon": lon[number],
            "lat": lat[number],
            "identifier": f"bench-{number:07d}",
            "name": f"{main.label.capitalize()} {kind.label} {pick[5]}",
            "mineralOccurrenceType": kind.label,
            "commodity": f"{main.label}, {second.label}",
            "mineralDepositModel": model.label,
            "observationMethod": "made up",
            "positionalAccuracy": ACCURACIES[pick[6]],
            "source": "Benchmark",
            "mineralOccurrenceType_uri": kind.uri,
            "representativeCommodity_uri": main.uri,
            "mineralDepositModel_uri": model.uri,
            "country": country,
            "admin1": f"Province {pick[5] % PROVINCES}",
            "commodityGroup": main.extra["group"],
            "commodityCodes": f"{main.code}|{second.code}",
            "sourceId": number,
            "sourceUrl": "https://example.org/",
            "licence": "public domain",
        }


def _write_polygons(path: Path, count: int, bbox: object, known: Mapping[str, Vocabulary]) -> None:
    ages, lithologies = tuple(known["ischart"]), tuple(known["simplelithology"])
    random = np.random.default_rng(_SEED + 2)
    picks = random.integers(0, 2**31, (count, 2)).tolist()
    with path.open("w", encoding="utf-8") as file:
        for number, ring in enumerate(_rings(count, bbox, random)):
            age, lithology = ages[picks[number][0] % len(ages)], lithologies[picks[number][1] % len(lithologies)]
            properties = {
                "identifier": f"bench-unit-{number:06d}",
                "name": f"{age.label} {lithology.label}",
                "lithology": lithology.label,
                "representativeLithology_uri": lithology.uri,
                "representativeAge_uri": age.uri,
                "numericOlderAge": float(age.extra["begin_ma"]),
                "numericYoungerAge": float(age.extra["end_ma"] or 0),
                "source": "Benchmark",
                "licence": "public domain",
            }
            geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
            json.dump({"type": "Feature", "properties": properties, "geometry": geometry}, file, separators=(",", ":"))
            file.write("\n")


def _rings(count: int, bbox: object, random: np.random.Generator) -> Iterator[list[list[float]]]:
    """Rings around the cells of a grid; going round a centre once, none crosses itself."""
    west, south, east, north = bbox  # type: ignore[misc]
    columns = int(np.ceil(np.sqrt(count * (east - west) / (north - south))))
    rows = -(-count // columns)
    step = np.array([(east - west) / columns, (north - south) / rows])
    angles = np.linspace(0, 2 * np.pi, VERTICES - 1, endpoint=False)
    round_once = np.column_stack((np.cos(angles), np.sin(angles)))
    for number in range(count):
        row, column = divmod(number, columns)
        centre = np.array([west, south]) + step * (np.array([column, row]) + 0.5)
        radius = random.uniform(0.3, 0.49, (VERTICES - 1, 1))
        ring = np.round(centre + round_once * radius * step, 5).tolist()
        yield [*ring, ring[0]]
