"""Memory while a file is written does not grow with the number of features."""

# SPDX-License-Identifier: Apache-2.0

import subprocess
import sys
from pathlib import Path

import pytest

from gis.formats import WRITERS

# Run in a process of its own: what it took at most is told by the kernel.
WRITE = """
import itertools, resource, sys
from pathlib import Path
import pyarrow as pa
from gis.formats import WRITERS
from gis.layer import GeometryType
from tests.gis.formats.features import ABOUT, ROWS, SHAPES, layer, rows
name, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
one = layer(GeometryType.POINT)
(batch,) = rows(one, [ROWS[0] | {"name": "x" * 700}] * 2000, [SHAPES[GeometryType.POINT][0]] * 2000, 2000)
many = pa.RecordBatchReader.from_batches(batch.schema, itertools.repeat(batch, count))
WRITERS[name].write(one, many, ABOUT, folder / f"a{WRITERS[name].suffix}")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
FEW, MANY = 10, 60  # batches
BYTES = (MANY - FEW) * 2000 * 900  # what they differ by, about
MEGABYTES = BYTES >> 20


def resident(name: str, batches: int, folder: Path) -> int:
    """Megabytes a process had at most that wrote that many batches."""
    folder.mkdir()
    command = [sys.executable, "-c", WRITE, name, str(batches), str(folder)]
    root = Path(__file__).resolve().parents[3]
    return int(subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in WRITERS if name not in ("csvw", "xlsx")])
def test_memory_is_flat(tmp_path: Path, name: str) -> None:
    grown = resident(name, MANY, tmp_path / "many") - resident(name, FEW, tmp_path / "few")
    # The index of a FlatGeobuf is made in memory: half a kilobyte a feature.
    index = (MANY - FEW) * 2000 * 700 >> 20 if name == "fgb" else 0
    assert grown < MEGABYTES // 3 + index
