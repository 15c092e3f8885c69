"""The database's roles and how to connect as each of them.

amdis_owner     owns schemas and tables and runs the migrations
amdis_app       the application: reads and writes rows
amdis_delegate  what signed-in people ask for: row-level security lets it see what their mandate covers
amdis_public    what serves the public: reads what it was granted, and nothing else

None is a superuser. Their passwords are derived from the secret key, so that every host that has the key knows them
and none is stored. `app.db.bootstrap` makes the roles.
"""

# SPDX-License-Identifier: Apache-2.0

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, urlencode

from app.errors import SettingsError
from app.settings import Settings

ADMIN = "amdis_admin"
"""The superuser of the private cluster; nothing but its set-up connects as it."""
OWNER = "amdis_owner"
APP = "amdis_app"
DELEGATE = "amdis_delegate"
PUBLIC = "amdis_public"
DATABASE = "amdis"


@dataclass(frozen=True)
class DatabaseUrl:
    """How to connect to one database as one role. Its repr holds no password.

    host is a name, an address, a folder or an abstract socket ("@name"), or several of them with commas between, as
    libpq takes them; options are libpq's further parameters, such as sslmode.
    """

    host: str
    port: str
    database: str
    user: str
    password: str = field(repr=False)
    options: tuple[tuple[str, str], ...] = ()

    def conninfo(self) -> str:
        """The connection string that libpq, psycopg, GDAL (after "PG:") and MapServer take: key='value' pairs."""
        return " ".join(f"{name}='{_escaped(value)}'" for name, value in self._parameters().items() if value)

    def sqlalchemy(self) -> str:
        """The URL that SQLAlchemy takes, with psycopg as the driver."""
        # Host and port go into the query part: a socket's name or several hosts have no place before the path.
        user = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        query = {"host": self.host, "port": self.port} | dict(self.options)
        return f"postgresql+psycopg://{user}@/{quote(self.database, safe='')}?{urlencode(query)}"

    def in_database(self, name: str) -> "DatabaseUrl":
        """The same role in another database of the same server."""
        return replace(self, database=name)

    def _parameters(self) -> dict[str, str]:
        return {
            "host": self.host,
            "port": self.port,
            "dbname": self.database,
            "user": self.user,
            "password": self.password,
        } | dict(self.options)


@dataclass(frozen=True)
class DatabaseUrls:
    """How to connect in each part: admin only sets the database up; private says whether the cluster is our own."""

    admin: DatabaseUrl
    owner: DatabaseUrl
    app: DatabaseUrl
    delegate: DatabaseUrl
    public: DatabaseUrl
    private: bool

    def in_database(self, name: str) -> "DatabaseUrls":
        """The same roles in another database of the same server; tests use it for their clones."""
        parts = {
            part: getattr(self, part).in_database(name) for part in ("admin", "owner", "app", "delegate", "public")
        }
        return replace(self, **parts)


def derived_password(secret: bytes, role: str) -> str:
    """The role's password: HMAC-SHA256 of its name under the secret key, 64 hexadecimal digits."""
    return hmac.new(secret, f"database role {role}".encode(), hashlib.sha256).hexdigest()


def socket_name(home: Path) -> str:
    """The abstract Unix socket of the private cluster under `home`.

    An abstract socket has no file: its name has no limit that a deep folder exceeds, and nothing stale is left of it.
    """
    # The colon is for psycopg, which would look the name up in the DNS: it leaves alone what begins with a slash or
    # has a colon in second place (a drive of Windows). To libpq it is a letter of the name like any other.
    return f"@:amdis-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]}"


def database_urls(settings: Settings) -> DatabaseUrls:
    """How to connect as each role, from the settings alone; nothing is started or asked.

    Raises:
        SettingsError: AMDIS_DATABASE_URL or AMDIS_READ_DATABASE_URL is no connection string.
    """
    secret = settings.secret()
    if settings.database_url:
        admin = parse_url("AMDIS_DATABASE_URL", settings.database_url)
    else:
        socket = socket_name(settings.home_path)
        admin = DatabaseUrl(socket, "5432", DATABASE, ADMIN, derived_password(secret, ADMIN))

    def as_role(role: str, server: DatabaseUrl = admin) -> DatabaseUrl:
        return replace(server, user=role, password=derived_password(secret, role))

    reads = settings.read_database_url
    public = as_role(PUBLIC, parse_url("AMDIS_READ_DATABASE_URL", reads)) if reads else as_role(PUBLIC)
    return DatabaseUrls(
        admin, as_role(OWNER), as_role(APP), as_role(DELEGATE), public, private=not settings.database_url
    )


def parse_url(setting: str, url: str) -> DatabaseUrl:
    """The parts of a PostgreSQL URL or key=value string; `setting` is its name for the error.

    Raises:
        SettingsError: it is no connection string, or names no database.
    """
    import psycopg  # noqa: PLC0415  (half of the command line's start-up time, and only needed here)
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        parts = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    except psycopg.Error as error:
        raise SettingsError(
            f"{setting} is not a connection string ({str(error).strip()}). "
            "Expected: postgresql://user:password@host:5432/database"
        ) from None
    known = {name: str(parts.pop(name, None) or "") for name in ("host", "port", "dbname", "user", "password")}
    if not known["dbname"]:
        raise SettingsError(f"{setting} names no database. Expected: postgresql://user:password@host:5432/database")
    options = tuple((name, str(value)) for name, value in parts.items() if value is not None)
    return DatabaseUrl(
        known["host"] or "localhost",
        known["port"] or "5432",
        known["dbname"],
        known["user"],
        known["password"],
        options,
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
