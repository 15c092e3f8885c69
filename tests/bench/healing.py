"""How soon an AMDIS is whole again when processes of it are killed while clients ask without pause."""

# SPDX-License-Identifier: Apache-2.0

import shutil

from tests.bench.places import Places
from tests.bench.single import Single
from tests.faults import MAPSERVS, PARTS, WORKERS, asked_throughout, heal
from tests.running import running

_WANTED = "<= 10 s"


def healing(places: Places) -> list[Single]:
    """Seconds until each kind of process is replaced and every client answered well again.

    The product runs with the region's own data in a home of its own, made anew. places: the benchmark's.
    """
    home = places.folder / "healing"
    shutil.rmtree(home, ignore_errors=True)
    found = []
    with running(home) as server:
        for part, all_of_them in [*((part, False) for part in PARTS), (MAPSERVS, True), (WORKERS, True)]:
            with asked_throughout(server) as clients:
                victims = part.processes(server)
                seconds = heal(server, clients, part, victims if all_of_them else victims[:1])
            title = f"{'Every' if all_of_them else 'One'} {part.name} killed: whole again after"
            found.append(Single(title, seconds, "s", _WANTED, "; ".join(map(str, clients.failures))))
    shutil.rmtree(home)
    return found
