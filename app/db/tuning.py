"""PostgreSQL's settings for the machine it runs on."""

# SPDX-License-Identifier: Apache-2.0

import os
from collections.abc import Mapping
from pathlib import Path

from app.settings import cores

_MIB = 1024 * 1024


def memory() -> int:
    """Bytes of memory this process may use: the machine's, or its control group's if that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    return total


def tuned(total: int, processors: int) -> dict[str, str]:
    """PostgreSQL settings for `total` bytes of memory shared with the rest of AMDIS and `processors` cores.

    The shared buffers stay small: the operating system caches the files as well, and a stack that idles is to stay
    below 1 GiB. Recovery after a crash reads at most max_wal_size, a few seconds.
    """
    mib = total // _MIB
    return {
        "shared_buffers": f"{_between(64, mib // 8, 256)}MB",
        "effective_cache_size": f"{_between(128, mib * 3 // 4, 65536)}MB",
        "work_mem": f"{_between(4, mib // 256, 64)}MB",
        "maintenance_work_mem": f"{_between(64, mib // 16, 512)}MB",
        "max_connections": str(_between(60, 40 + 16 * processors, 300)),
        "max_worker_processes": str(max(8, processors)),
        "max_parallel_workers": str(processors),
        "max_parallel_workers_per_gather": str(_between(1, processors // 2, 4)),
        "max_parallel_maintenance_workers": str(_between(1, processors // 2, 4)),
        # Compiling a query takes longer than nearly all of ours run.
        "jit": "off",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "64",
        "wal_compression": "on",
        "wal_level": "replica",
        "min_wal_size": "80MB",
        "max_wal_size": "512MB",
        "checkpoint_timeout": "5min",
        "checkpoint_completion_target": "0.9",
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "restart_after_crash": "on",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_checkpoints": "off",
        "log_min_duration_statement": "5s",
        # What people typed does not belong in a log.
        "log_parameter_max_length": "0",
        "log_min_error_statement": "panic",
        "logging_collector": "off",
        "log_destination": "stderr",
        "idle_in_transaction_session_timeout": "10min",
        "tcp_keepalives_idle": "60",
    }


def tuned_for_this_machine() -> dict[str, str]:
    """PostgreSQL settings for the machine this process runs on."""
    return tuned(memory(), cores())


def as_file(values: Mapping[str, str]) -> str:
    """The settings in the syntax of postgresql.conf."""
    lines = [f"{name} = '{value}'\n" for name, value in values.items()]
    return (
        "# Written at every start. Your own settings go into postgresql.conf, below the line that includes this.\n"
        + ("".join(lines))
    )


def _between(least: int, wanted: int, most: int) -> int:
    return max(least, min(wanted, most))
