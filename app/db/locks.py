"""Locks that have a name, for work of which there is one at a time."""

import sqlalchemy as sa


def take_turn(connection: sa.Connection, work: str) -> None:
    """Wait until nobody else does the work, and keep them waiting until the transaction ends.

    However long it takes: the role's bound on waits for locks is for what a person waits for, while a layer of millions
    is published in minutes.
    """
    bound = sa.func.current_setting("lock_timeout")
    before = connection.execute(sa.select(bound)).scalar_one()
    connection.execute(sa.select(sa.func.set_config("lock_timeout", "0", True)))
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(work, 0))))
    connection.execute(sa.select(sa.func.set_config("lock_timeout", before, True)))
