"""Which PostgreSQL is installed here, and which of several fits a data directory."""

# SPDX-License-Identifier: Apache-2.0

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.errors import ClusterError

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
_HOW = (
    "`make run` installs it; by hand on Debian or Ubuntu: apt-get install postgresql postgis. Without installing it: "
    "set AMDIS_DATABASE_URL to a PostGIS elsewhere, or use `docker compose up`."
)


@dataclass(frozen=True)
class Installation:
    """A PostgreSQL with PostGIS: its major version and the folder of its programs."""

    major: int
    bin: Path

    def program(self, name: str) -> str:
        """The path of one of its programs, such as "initdb"."""
        return str(self.bin / name)


def installation_for(data_directory: Path) -> Installation:
    """The installed PostgreSQL that can run `data_directory`, or the newest when the directory is still to be made.

    Raises:
        ClusterError: none is installed, or none of the directory's major version.
    """
    candidates = _candidates()
    installed = {found.major: found for found in map(_examine, reversed(candidates)) if found}
    if not installed:
        seen = ", ".join(str(folder) for folder in candidates) or "none"
        raise ClusterError(f"No PostgreSQL with PostGIS was found (PostgreSQL without PostGIS: {seen}). {_HOW}")
    version = data_directory / "PG_VERSION"
    if not version.exists():
        return installed[max(installed)]
    major = int(version.read_text())
    if major not in installed:
        others = ", ".join(map(str, sorted(installed)))
        raise ClusterError(
            f"{data_directory} was made by PostgreSQL {major}, but only {others} with PostGIS is installed. Install "
            f"PostgreSQL {major} again (apt-get install postgresql-{major} postgresql-{major}-postgis-3), or move the "
            "folder away and let AMDIS make and load a new one."
        )
    return installed[major]


def _candidates() -> list[Path]:
    on_path = shutil.which("postgres")
    folders = [folder for place in _PLACES for folder in sorted(Path("/").glob(place.lstrip("/")), reverse=True)]
    folders += [Path(on_path).resolve().parent] if on_path else []
    return [folder for folder in folders if (folder / "postgres").exists() and (folder / "initdb").exists()]


def _examine(folder: Path) -> Installation | None:
    """The installation in `folder`, or None if it has no PostGIS."""
    # Debian's path tells the version and the place of the extensions; asking the programs takes 10 ms each.
    debian = re.fullmatch(r"/usr/lib/postgresql/(\d+)/bin", str(folder))
    if debian:
        major, share = int(debian[1]), Path(f"/usr/share/postgresql/{debian[1]}")
    else:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
        number = re.search(r"(\d+)", answer)
        if number is None:
            return None
        major, share = int(number[1]), _share(folder)
    return Installation(major, folder) if (share / "extension" / "postgis.control").exists() else None


def _share(folder: Path) -> Path:
    try:
        command = [str(folder / "pg_config"), "--sharedir"]
        return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    except (OSError, subprocess.CalledProcessError):
        return folder.parent / "share"
