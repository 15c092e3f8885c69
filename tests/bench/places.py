"""Where the benchmark keeps what it makes, and the environment of the product it starts."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from app.db.roles import database_urls
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
"""Serving processes of the product and of every peer."""


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and ports of one benchmark. folder: below the home of AMDIS, so that nothing else is touched."""

    folder: Path
    port: int

    @property
    def home(self) -> Path:
        """AMDIS_HOME of the product that is measured."""
        return self.folder / "home"

    @property
    def region(self) -> Path:
        """The made-up region."""
        return self.folder / "region"

    @property
    def settings(self) -> Settings:
        """The settings the product is started with."""
        return Settings(
            home=self.home, region=str(self.region), port=self.port, workers=PROCESSES, mapserv_processes=PROCESSES
        )

    @property
    def database(self) -> str:
        """Connection string of the product's public role."""
        return database_urls(self.settings).public.conninfo()

    def environment(self) -> dict[str, str]:
        """The environment that gives the product these settings, and none of the caller's."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("AMDIS_")}
        ours = {"HOME": self.home, "REGION": self.region, "PORT": self.port}
        counts = {"WORKERS": PROCESSES, "MAPSERV_PROCESSES": PROCESSES}
        return others | {f"AMDIS_{name}": str(value) for name, value in (ours | counts).items()}


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
