"""The job queue: what is put in is done once, also when the worker that had it was killed."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import contextlib

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued

from app.db.bootstrap import connect
from app.db.roles import DatabaseUrls
from app.jobs.queue import open_queue

DEAD_WORKER = """
WITH dead AS (
    INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id
)
UPDATE jobs.procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead
"""
ENDED = "UPDATE jobs.procrastinate_jobs SET status = 'succeeded'"
AGED = "UPDATE jobs.procrastinate_events SET at = now() - interval '31 days'"


def run(queue: App) -> None:
    """Do what is in the queue, then return."""

    async def work() -> None:
        async with queue.open_async():
            await queue.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(work())


def defer(queue: App, task: str, **arguments: int) -> None:
    """Put a job into the queue, unless its schedule has done so already."""

    async def put() -> None:
        async with queue.open_async():
            with contextlib.suppress(AlreadyEnqueued):
                await queue.configure_task(task).defer_async(**arguments)

    asyncio.run(put())


def change(urls: DatabaseUrls, *statements: str) -> None:
    """Bring the queue into a state that takes long to come about by itself."""
    with connect(urls.app) as connection:
        # Procrastinate's triggers name their tables without a schema.
        connection.execute("SET search_path TO jobs, public")
        for statement in statements:
            connection.execute(statement)


def statuses(urls: DatabaseUrls, task: str) -> list[str]:
    """The statuses of a task's jobs."""
    question = "SELECT status::text FROM jobs.procrastinate_jobs WHERE task_name = %s ORDER BY id"
    with connect(urls.app) as connection:
        return [str(row[0]) for row in connection.execute(question, [task]).fetchall()]


def test_job_of_a_killed_worker_is_done_by_another(fresh_urls: DatabaseUrls) -> None:
    done: list[int] = []
    queue = open_queue(fresh_urls.app)

    @queue.task(name="note")
    async def note(number: int) -> None:
        done.append(number)

    defer(queue, "note", number=7)
    change(fresh_urls, DEAD_WORKER)
    for _ in range(3):  # a worker puts the check itself into the queue when its time has come
        defer(queue, "app.jobs.tasks.retry_abandoned_jobs", timestamp=0)
        run(queue)
    assert done == [7]
    assert statuses(fresh_urls, "note") == ["succeeded"]


def test_jobs_that_ended_long_ago_are_forgotten_and_recent_ones_kept(fresh_urls: DatabaseUrls) -> None:
    queue = open_queue(fresh_urls.app)
    defer(queue, "old")
    change(fresh_urls, ENDED, AGED)
    defer(queue, "recent")
    change(fresh_urls, ENDED)
    defer(queue, "app.jobs.tasks.remove_old_jobs", timestamp=0)
    run(queue)
    assert statuses(fresh_urls, "old") == []
    assert statuses(fresh_urls, "recent") == ["succeeded"]
