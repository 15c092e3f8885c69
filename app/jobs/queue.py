"""The Procrastinate app over our database: its tables are in the schema `jobs`, made by a migration."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable

from procrastinate import App, PsycopgConnector

from app.db.roles import DatabaseUrl
from app.jobs import tasks
from app.jobs.tasks import Chore

SCHEMA = "jobs"


def open_queue(url: DatabaseUrl, chores: Iterable[Chore] = ()) -> App:
    """The queue, as the role of `url`, with all tasks registered. Use it as `with` or `async with app.open_async()`."""
    options = f"-c search_path={SCHEMA},public"
    queue = App(connector=PsycopgConnector(conninfo=url.conninfo(), kwargs={"options": options}))
    tasks.register(queue, chores)
    return queue


async def work(url: DatabaseUrl, concurrency: int = 1, chores: Iterable[Chore] = ()) -> None:
    """Do jobs until SIGTERM or SIGINT; a job that runs then gets 30 s to finish before it is given back.

    Raises:
        procrastinate.exceptions.ConnectorException: the database went away.
    """
    async with open_queue(url, chores).open_async() as queue:
        await queue.run_worker_async(concurrency=concurrency, shutdown_graceful_timeout=30)
