"""Which tasks there are, and when those run that nobody asks for.

A domain's task imports its domain inside the function: this package lies below the domains.
"""

# SPDX-License-Identifier: Apache-2.0

import logging

from procrastinate import App

log = logging.getLogger(__name__)

_KEEP_HOURS = 30 * 24
_SILENCE = 30  # seconds without a sign of life after which a worker counts as dead


def register(queue: App) -> None:
    """Register every task and its schedule (cron, UTC). A new task is a function here and nothing else."""

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
