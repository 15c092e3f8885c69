"""Progress of long work on the terminal; silent where nobody watches."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


@contextmanager
def file_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A function to be told (file name, records read so far, size of the file in bytes) as the work goes on."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} records"))
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as shown:

        def tell(name: str, records: int, size: int) -> None:
            if name not in tasks:
                tasks[name] = shown.add_task(f"{name} ({size / 1e6:.1f} MB)", total=None)
            shown.update(tasks[name], completed=records)

        yield tell


@contextmanager
def row_progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A function to be told (rows done so far, rows in all) as the work on one file goes on."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(name, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
