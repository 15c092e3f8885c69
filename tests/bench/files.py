"""A large download as a file: how long it takes, whether all of it is there, and the memory of whoever writes it."""

import sqlite3
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tests.bench.processes import family
from tests.bench.servers import Server
from tests.bench.single import Single
from tests.bench.work import ITEMS

FEATURES = 200_000

_COUNT = "SELECT count(*) FROM mineral_occurrences"
_MIB = 2**20
_LOOK = 0.02  # seconds between two looks at the processes that are known
_SEARCH = 0.2  # ... and for new ones, which takes longer


def download(server: Server, folder: Path) -> list[Single]:
    """Seconds a GeoPackage takes and what the process that writes it grows to. server: the product.

    folder: for the file, while it is looked into.
    """
    with tempfile.TemporaryDirectory(dir=folder) as kept:
        path = Path(kept) / "download.gpkg"
        with watched(server.pid) as sizes:
            started = time.perf_counter()
            with (
                urllib.request.urlopen(f"{server.url}{ITEMS}?f=gpkg&limit={FEATURES}", timeout=600) as answer,
                path.open("wb") as file,
            ):
                file.writelines(iter(lambda: answer.read(_MIB), b""))
            took = time.perf_counter() - started
        size, found = path.stat().st_size, features(path)
    wrong = "" if found == FEATURES else f"{found:,} features in a GeoPackage that was asked to hold {FEATURES:,}"
    busiest = max(sizes.values(), key=lambda one: one.grown)
    title = f"{FEATURES:,} points to GeoPackage ({size / _MIB:,.0f} MiB)"
    return [
        Single(title, took, "s", "<= 20 s", wrong),
        Single("... highest resident size of the process that writes it", busiest.peak / _MIB, "MiB", "<= 286 MiB"),
        Single("... of which before it", busiest.before / _MIB, "MiB", ""),
    ]


def features(path: Path) -> int:
    """Rows of the layer in a GeoPackage."""
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute(_COUNT).fetchone()[0])


class Size:
    """Resident bytes of a process. before: when it was first seen, 0 of one that began since. peak: at most since."""

    def __init__(self, before: int) -> None:
        self.before = self.peak = before

    @property
    def grown(self) -> int:
        """Bytes it took more than before."""
        return self.peak - self.before


@contextmanager
def watched(pid: int) -> Iterator[dict[int, Size]]:
    """The sizes of the Python processes of a family by id, those included that begin and end within the block."""
    sizes: dict[int, Size] = {}
    for one in _pythons(pid):
        with suppress(OSError):
            Path(f"/proc/{one}/clear_refs").write_text("5")  # the highest size so far counts from here
        sizes[one] = Size(_resident(one, "VmRSS"))
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(pid, sizes, ended))
    watching.start()
    try:
        yield sizes
    finally:
        ended.set()
        watching.join()


def _watch(pid: int, sizes: dict[int, Size], ended: threading.Event) -> None:
    searched = 0.0
    done = False
    while not done:
        done = ended.wait(_LOOK)  # and one look after that
        if time.monotonic() - searched > _SEARCH:
            searched = time.monotonic()
            for one in _pythons(pid):
                sizes.setdefault(one, Size(0))
        for one, size in sizes.items():
            size.peak = max(size.peak, _resident(one, "VmHWM"))


def _pythons(pid: int) -> list[int]:
    return [one for one in family(pid) if _is_python(one)]


def _is_python(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/exe").readlink().name.startswith("python")
    return False


def _resident(pid: int, name: str) -> int:
    """Bytes of VmRSS (now) or VmHWM (the highest); 0 when the process has ended."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0) * 1024
    return 0
