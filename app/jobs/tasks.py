"""Which tasks there are, and when those run that nobody asks for."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from procrastinate import App

log = logging.getLogger(__name__)

_KEEP_HOURS = 30 * 24
_SILENCE = 30  # seconds without a sign of life after which a worker counts as dead


@dataclass(frozen=True, slots=True)
class Chore:
    """Work of a domain at its times. cron: in UTC, a sixth field is seconds. run: does it, in a thread."""

    name: str
    cron: str
    run: Callable[[], object]


def register(queue: App, chores: Iterable[Chore] = ()) -> None:
    """Register every task and its schedule: the queue's own, and the chores of the domains (app.chores)."""

    @queue.periodic(cron="17 3 * * *")
    @queue.task(queueing_lock="remove_old_jobs", pass_context=False)
    async def remove_old_jobs(timestamp: int) -> None:
        """Forget jobs that ended more than 30 days ago."""
        await queue.job_manager.delete_old_jobs(
            _KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
        )

    @queue.periodic(cron="* * * * * */15")
    @queue.task(queueing_lock="retry_abandoned_jobs")
    async def retry_abandoned_jobs(timestamp: int) -> None:
        """Give jobs back to the queue whose worker was killed."""
        for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=_SILENCE):
            log.warning("Job %s (%s) lost its worker and is tried again", job.id, job.task_name)
            await queue.job_manager.retry_job(job)

    for chore in chores:
        _register(queue, chore)


def _register(queue: App, chore: Chore) -> None:
    @queue.periodic(cron=chore.cron)
    @queue.task(name=chore.name, queueing_lock=chore.name, lock=chore.name)
    async def done(timestamp: int) -> None:
        await asyncio.to_thread(chore.run)
