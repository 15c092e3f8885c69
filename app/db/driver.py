"""psycopg's connection behind one of SQLAlchemy: for COPY, which SQLAlchemy does not know."""

from typing import Any

import psycopg
import sqlalchemy as sa


def driver_of(connection: sa.Connection) -> psycopg.Connection[Any]:
    """The driver's connection, in the same transaction. Raises TypeError for another driver's."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("rows are copied through psycopg only")
    return driver
