"""The parts of the benchmark that can be wrong without anybody noticing: the data it makes and its arithmetic."""

import csv
import ipaddress
import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import shapely.geometry

from app.layers.declarations import read_declarations
from app.minerals.vocabularies import read_vocabularies
from app.regions import read_region
from app.statistics.figures import PATH
from app.statistics.selection import CODED
from gis.formats import read_records
from gis.validate import Checks
from tests.bench import files
from tests.bench.checks import features_in
from tests.bench.cube import made_of
from tests.bench.database import address
from tests.bench.figures import Round, aligned, figure, quantile, ratio
from tests.bench.generate import POLYGONS, VERTICES, Choices, Size, coordinates, extent, picks, write_region
from tests.bench.places import Places
from tests.bench.questions import Questions
from tests.bench.servers import Server
from tests.bench.slices import QUESTIONS, slice_row

SMALL = Size(points=500, polygons=40)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_region(tmp_path_factory.mktemp("region"), SMALL)


def test_region_has_as_many_features_as_asked(region: Path) -> None:
    with (region / "mineral-occurrences.csv").open() as file:
        assert len(list(csv.DictReader(file))) == SMALL.points
    assert len((region / "geologic-units.geojsonl").read_text().splitlines()) == SMALL.polygons


def test_region_names_no_file_it_does_not_have(region: Path) -> None:
    declared = read_region(region)
    named = [*(one.file for one in (*declared.datasets, *declared.statistics)), declared.about, declared.publications]
    assert [name for name in named if name and not (region / name).is_file()] == []


def test_polygons_have_two_million_vertices_in_all(region: Path) -> None:
    first = json.loads((region / "geologic-units.geojsonl").read_text().splitlines()[0])
    assert len(first["geometry"]["coordinates"][0][0]) == VERTICES
    assert 2_000_000 < POLYGONS * VERTICES < 2_200_000
    assert shapely.geometry.shape(first["geometry"]).is_valid


def test_loader_has_nothing_to_find(region: Path) -> None:
    declarations = read_declarations()
    for dataset in read_region(region).datasets:
        layer = declarations.layers[dataset.layer].layer
        checks = Checks(layer.fields, declarations.vocabularies, geometry_type=layer.geometry_type)
        assert [f for record in read_records(region / dataset.file) for f in checks.apply(record)[2]] == []


def test_region_is_the_same_every_time(region: Path, tmp_path: Path) -> None:
    again = write_region(tmp_path / "again", SMALL)
    for name in ("region.yml", "mineral-occurrences.csv", "geologic-units.geojsonl"):
        assert (again / name).read_bytes() == (region / name).read_bytes()


def test_region_that_is_there_is_left_alone(region: Path) -> None:
    before = (region / "mineral-occurrences.csv").stat().st_mtime_ns
    write_region(region, SMALL)
    assert (region / "mineral-occurrences.csv").stat().st_mtime_ns == before


def test_points_lie_unevenly_within_the_extent() -> None:
    lon, lat = coordinates(20_000)
    west, south, east, north = extent()
    assert west <= lon.min()
    assert lon.max() <= east
    assert south <= lat.min()
    assert lat.max() <= north
    counts, _, _ = np.histogram2d(lon, lat, bins=10)
    assert counts.max() > 5 * np.median(counts)


def test_questions_of_a_round_are_the_same_for_every_server_and_new_in_the_next() -> None:
    questions = Questions(5000)
    assert questions.boxes("box", 1, 10) == questions.boxes("box", 1, 10)
    assert questions.boxes("box", 1, 10) != questions.boxes("box", 2, 10)


def test_deep_page_counts_the_features_before_its_cursor() -> None:
    questions = Questions(5000)
    lon, lat = coordinates(5000)
    page = questions.boxes("deep", 0, 10, deep=True)[0]
    assert page.box
    assert page.after
    west, south, east, north = page.box
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    assert page.skipped == inside[: page.after + 1].sum()


def test_fullest_tiles_of_every_zoom_level_hold_the_points() -> None:
    questions = Questions(5000)
    assert questions.fullest(0) == [(0, 0, 5000)]
    assert sum(tile[2] for tile in questions.fullest(7)) == 5000
    counts = [tile[2] for tile in questions.fullest(9, 5)]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 5


def test_choices_of_points_are_within_their_vocabularies() -> None:
    choices = Choices.of(read_vocabularies())
    found = picks(2000, choices)
    for column, terms in enumerate((choices.commodities, choices.commodities, choices.types, choices.models)):
        assert set(found[:, column].tolist()) == set(range(len(terms)))


def test_clusters_of_two_homes_listen_on_addresses_of_their_own(tmp_path: Path) -> None:
    one, other = address(Places(tmp_path / "one", 1)), address(Places(tmp_path / "other", 1))
    assert one != other
    assert ipaddress.ip_address(one).is_loopback


def test_quantile_is_the_nearest_rank() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([7.0], 0.99)) == (50.0, 99.0, 7.0)


def test_figure_is_the_median_of_the_rounds() -> None:
    rounds = [Round(1.0, (0.1,) * 10), Round(1.0, (0.1,) * 20), Round(1.0, (0.3,) * 90)]
    found = figure(rounds)
    assert (found.rate, found.answers) == (20.0, 120)
    assert found.p50 == pytest.approx(300)


def test_ratio_compares_rounds_that_ran_beside_each_other() -> None:
    ours = [Round(1.0, (0.1,) * 40), Round(1.0, (0.1,) * 10), Round(1.0, (0.1,) * 20)]
    theirs = [Round(1.0, (0.1,) * 20), Round(1.0, (0.1,) * 5), Round(1.0, (0.1,) * 20)]
    assert ratio(ours, theirs) == 2.0


def test_download_that_is_not_whole_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(tmp_path / "two.gpkg")) as made, made:
        made.execute("CREATE TABLE mineral_occurrences (name TEXT)")
        made.execute("INSERT INTO mineral_occurrences VALUES ('a'), ('b')")

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write((tmp_path / "two.gpkg").read_bytes())

        def log_message(self, *_: Any) -> None:
            """Nothing is told of requests."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = Server("amdis", ("127.0.0.1", server.server_port), os.getpid())
        assert files.download(asked, tmp_path)[0].wrong.startswith("2 features")
        monkeypatch.setattr(files, "FEATURES", 2)
        assert [one.wrong for one in files.download(asked, tmp_path)] == ["", "", ""]
        server.shutdown()


def test_memory_of_a_process_that_comes_and_goes_is_seen() -> None:
    with files.watched(os.getpid()) as sizes:
        grow = "import time; kept = b'x' * (64 << 20); time.sleep(1)"
        with subprocess.Popen([sys.executable, "-c", grow]) as process:
            assert process.wait() == 0
    ours, child = sizes[os.getpid()], sizes[process.pid]  # servers of other tests may be there too
    assert (child.before, ours.before > 0) == (0, True)
    assert 64 << 20 < child.peak < 128 << 20


def test_table_keeps_its_columns() -> None:
    assert aligned([("work", "server", "rate"), ("a", "b", "1")]).splitlines()[1] == "a     b          1"


def test_features_of_a_vector_tile_are_counted() -> None:
    layer = b"\x0a\x01a" + b"\x12\x02\x18\x01" * 3 + b"\x78\x02"
    assert features_in(b"\x1a" + bytes([len(layer)]) + layer) == 3


def test_slices_are_the_same_in_every_run_and_ask_what_the_api_knows() -> None:
    codes = made_of(1_000_000)
    one: dict[str, Any] = {
        "id": 1,
        "indicator": "exports",
        "country": "IDN",
        "partner": "XAA",
        "commodity": "tin",
        "hs": "260900",
    }
    kept = [one | {"year": 2020}]
    for question in QUESTIONS:
        row = slice_row(question, codes, kept)
        assert row.asked("amdis", 0) == row.asked("amdis", 0)
        assert all(request.startswith(f"{PATH}/{question.path}?") for request in row.asked("amdis", 1))
        for request in row.asked("amdis", 0)[:20]:
            names = parse_qs(urlsplit(request).query).keys()
            assert names <= {*CODED, "from", "to", "limit", "after", "by"}


def test_the_figures_asked_for_are_the_figures_kept() -> None:
    for figures in (1_000_000, 5_000_000):
        of = made_of(figures)
        keys = 2 * len(of["countries"]) * of["partner_count"] * of["count"] * (of["last"] - of["first"] + 1)
        produced = len(of["countries"]) * len(of["metals"]) * len(of["parts"]) * (of["last"] - of["from"] + 1)
        assert produced + keys * of["kept"] / of["of"] == pytest.approx(figures, rel=0.001)
