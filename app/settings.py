"""What can be set from outside, all of it in environment variables that start with AMDIS_.

Nothing is read at import: `load_settings()` reads the environment once, and what it returns is handed on.
"""

# SPDX-License-Identifier: Apache-2.0

import difflib
import os
import secrets
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import SettingsError

PREFIX = "AMDIS_"
# Variables of the project that are read by something else than this module.
_READ_ELSEWHERE = frozenset({"AMDIS_DB_PASSWORD", "AMDIS_BIND"})
_SHORTEST_KEY = 32  # characters
_KNOWN_KEYS = ("changeme", "change-me", "change_me", "secret", "default", "example", "placeholder", "password", "0000")
_REGIONS = Path(__file__).resolve().parent.parent / "data" / "regions"


def cores() -> int:
    """The number of processor cores this process may use, at least 1."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _without_slash(url: object) -> object:
    return url.rstrip("/") if isinstance(url, str) else url


class Settings(BaseSettings):
    """The settings of one running AMDIS. Frozen: a change needs a restart."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    home: Path = Field(default=Path(".amdis"), description="database cluster, mapfiles, logs and secrets")
    database_url: str = Field(default="", repr=False, description="a PostGIS to use; empty: a private one under home")
    read_database_url: str = Field(default="", repr=False, description="where public reads go; empty: same as above")
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="TCP port to listen on")
    workers: int = Field(default_factory=cores, ge=1, le=256, description="web processes")
    public_url: Annotated[str, BeforeValidator(_without_slash)] = Field(
        default_factory=lambda given: f"http://localhost:{given.get('port', 8000)}",
        pattern=r"^https?://[^\s/?#]+[^\s?#]*$",
        description="how the public reaches this site",
    )
    region: str = Field(default="asean", min_length=1, description="a folder under data/regions, or a path to one")
    secret_key: str = Field(default="", repr=False, description="empty: made once and kept under home/secrets")
    mapserv_processes: int = Field(default_factory=cores, ge=1, le=256, description="map rendering processes")
    oidc_issuer: str = Field(
        default="", pattern=r"^(https?://\S+)?$", description="address of a provider of single sign-on (OpenID Connect)"
    )
    oidc_client_id: str = Field(default="", description="what the provider of single sign-on knows this site by")
    oidc_client_secret: str = Field(default="", repr=False, description="the secret shared with that provider")
    oidc_name: str = Field(default="Single sign-on", min_length=1, description="how the sign-in page names it")
    smtp_url: str = Field(
        default="",
        repr=False,
        pattern=r"^(smtps?://\S+)?$",
        description="mail server, as smtp://user:password@host:587; empty: no mail is sent",
    )
    mail_from: str = Field(default="amdis@localhost", pattern=r"^\S+@\S+$", description="sender of mails")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level that is logged"
    )

    @property
    def home_path(self) -> Path:
        """The absolute folder of all that AMDIS writes."""
        return self.home.expanduser().absolute()

    @property
    def postgres_path(self) -> Path:
        """The private cluster's data directory."""
        return self.home_path / "postgres"

    @property
    def logs_path(self) -> Path:
        """Log files."""
        return self.home_path / "logs"

    @property
    def secrets_path(self) -> Path:
        """The secret key; readable by the owner only."""
        return self.home_path / "secrets"

    @property
    def run_path(self) -> Path:
        """Sockets and generated configuration of the running system."""
        return self.home_path / "run"

    @property
    def mapfile_path(self) -> Path:
        """The mapfile of the mapserv processes; the generated ones are beside it."""
        return self.run_path / "maps" / "wms.map"

    @property
    def mapserv_socket(self) -> Path:
        """The socket of the pool of mapserv processes."""
        return self.run_path / "mapserv.sock"

    @property
    def region_path(self) -> Path:
        """The folder of the region's data.

        Raises:
            SettingsError: there is no such folder.
        """
        given = Path(self.region)
        folder = given if given.is_absolute() or len(given.parts) > 1 else _REGIONS / self.region
        if not folder.is_dir():
            known = ", ".join(sorted(entry.name for entry in _REGIONS.glob("*") if entry.is_dir())) or "none"
            raise SettingsError(f"AMDIS_REGION={self.region}: there is no folder {folder}. Regions here: {known}.")
        return folder.absolute()

    def secret(self) -> bytes:
        """The key all derived secrets come from: AMDIS_SECRET_KEY, or a random one made at the first call.

        Raises:
            SettingsError: the key file cannot be read or written.
        """
        if self.secret_key:
            return self.secret_key.encode()
        return _kept_key(self.secrets_path / "secret-key")


def load_settings() -> Settings:
    """Read the settings from the environment.

    Warns of AMDIS_ variables that mean nothing, with the nearest one that does.

    Raises:
        SettingsError: a value is not allowed; the text names each variable, its value and what was expected.
    """
    _warn_of_unknown(os.environ, [PREFIX + name.upper() for name in Settings.model_fields])
    try:
        settings = Settings()
    except ValidationError as error:
        mistakes = [problem for problem in error.errors() if problem["type"] != "default_factory_not_called"]
        raise SettingsError("; ".join(_explain(dict(mistake)) for mistake in mistakes)) from None
    if settings.secret_key and len(settings.secret_key) < _SHORTEST_KEY:
        raise SettingsError(
            f"AMDIS_SECRET_KEY is too short: {_SHORTEST_KEY} characters or more are needed, such as "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` prints."
        )
    if settings.secret_key and _is_default(settings.secret_key):
        raise SettingsError("AMDIS_SECRET_KEY is one that is written in manuals. Set a random one, or leave it empty.")
    return settings


def _is_default(key: str) -> bool:
    """Whether a key is a word of manuals, said once or often, or has hardly any letters of its own."""
    return len(set(key)) < 8 or any(word in key.lower() for word in _KNOWN_KEYS)


class UnknownSettingWarning(UserWarning):
    """An environment variable starts with AMDIS_ but is not a setting."""


def _warn_of_unknown(environ: Mapping[str, str], names: Iterable[str]) -> None:
    names = list(names)
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in names and variable not in _READ_ELSEWHERE:
            near = difflib.get_close_matches(variable, names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            warnings.warn(f"{variable} is not a setting of AMDIS{hint}", UnknownSettingWarning, stacklevel=3)


def _explain(problem: Mapping[str, object]) -> str:
    location = problem["loc"]
    name = str(location[0]).lower().removeprefix(PREFIX.lower()) if isinstance(location, tuple) and location else "?"
    field = Settings.model_fields[name]
    value = problem["input"] if field.repr else "(hidden)"
    return f"{PREFIX}{name.upper()}={value}: {problem['msg']} ({field.description})"


def _kept_key(path: Path) -> bytes:
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"The secret key cannot be kept in {path}: {error.strerror}. Make the folder writable, or set AMDIS_HOME."
        ) from error


def _write_once(path: Path, text: str) -> None:
    # Written aside and linked into place: of two processes that start at once, both read the one key that won.
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
