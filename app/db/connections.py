"""Connections of requests that change things, or read what is not public: a transaction each, of one of two roles."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from app.db.roles import DatabaseUrl, DatabaseUrls
from app.errors import DatabaseUnavailableError, QueryTooSlowError

_WAIT = 5.0  # seconds for a free connection
_AS = sa.text("SELECT set_config('amdis.token', :token, true)")


class Connections:
    """Two pools: of the application's role, which may do anything to rows, and of the delegates', which may do what the
    mandate behind a token covers, whatever it is asked.
    """

    def __init__(self, urls: DatabaseUrls, size: int = 4) -> None:
        self._application = _engine(urls.app, size, "amdis application")
        self._delegates = _engine(urls.delegate, size, "amdis delegates")

    @contextmanager
    def application(self) -> Iterator[sa.Connection]:
        """A transaction as the application, committed at the end. Raises DatabaseUnavailableError."""
        with _database_errors_told(), self._application.begin() as connection:
            yield connection

    @contextmanager
    def delegate(self, token: str) -> Iterator[sa.Connection]:
        """A transaction of whoever holds the token of a session or key. Raises DatabaseUnavailableError."""
        with _database_errors_told(), self._delegates.begin() as connection:
            connection.execute(_AS, {"token": token})
            yield connection

    def close(self) -> None:
        """Close the idle connections of both pools."""
        self._application.dispose()
        self._delegates.dispose()


def _engine(url: DatabaseUrl, size: int, name: str) -> sa.Engine:
    return sa.create_engine(
        url.sqlalchemy(),
        pool_size=size,
        max_overflow=size,
        pool_timeout=_WAIT,
        pool_pre_ping=True,
        # What a statement was given, such as an address or a hash, is not for the log of errors.
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "application_name": name},
    )


@contextmanager
def _database_errors_told() -> Iterator[None]:
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None) == "57014":
            raise QueryTooSlowError from None
        raise DatabaseUnavailableError from error
