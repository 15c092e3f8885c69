"""A file of one layer, written by a process of its own that ends with it.

What the libraries of the formats take of memory and processor is not taken from the processes that answer people then,
and a crash of theirs ends none of these. Reading and outcome go through the process's standard input and output.
"""

# SPDX-License-Identifier: Apache-2.0

import json
import os
import pickle
import signal
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.errors import AmdisError, DatabaseUnavailableError, QueryTooSlowError
from app.layers.reading import Reading, open_reading
from app.processes import dying_with_parent
from gis.errors import InvalidParameterError
from gis.formats import WRITERS, Writer

_NICENESS = 5  # somebody waits for the file, but those who wait for a page or a map come first
_KINDS: Mapping[str, type[AmdisError]] = {one.__name__: one for one in (DatabaseUnavailableError, QueryTooSlowError)}


class WriterEndedError(Exception):
    """The process that wrote a file ended before it was done; what it said of it stands in the log."""


async def write_apart(reading: Reading, writer: Writer, path: Path) -> int:
    """Write a file at a path that does not exist yet; returns the number of the release its features are of.

    The process is ended when the caller is cancelled; what it left is the caller's to remove. Raises what the format
    cannot have as InvalidParameterError, DatabaseUnavailableError, QueryTooSlowError, WriterEndedError.
    """
    command = dying_with_parent([sys.executable, "-m", __name__, writer.name, str(path)], signal.SIGKILL)
    process = await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        told, _ = await process.communicate(pickle.dumps(reading))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise WriterEndedError(f"the process that wrote {path.name} ended with code {process.returncode}")
    return _release(json.loads(told))


def main() -> None:
    """Write the file the arguments name: its format and its path."""
    name, path = sys.argv[1:]
    os.nice(_NICENESS)
    reading: Reading = pickle.load(sys.stdin.buffer)  # noqa: S301  (from the process that started this one)
    json.dump(_outcome(reading, WRITERS[name], Path(path)), sys.stdout)


def _outcome(reading: Reading, writer: Writer, path: Path) -> dict[str, Any]:
    try:
        with open_reading(reading) as export:
            writer.write(export.layer, export.rows, export.about, path)
            return {"release": export.state.release}
    except InvalidParameterError as error:
        return {"parameter": error.parameter, "text": str(error)}
    except tuple(_KINDS.values()) as error:
        return {"kind": type(error).__name__, "text": str(error)}


def _release(outcome: Mapping[str, Any]) -> int:
    """The release an outcome tells of; raises the error it tells of instead."""
    if "parameter" in outcome:
        raise InvalidParameterError(outcome["parameter"], outcome["text"])
    if "kind" in outcome:
        raise _KINDS[outcome["kind"]](outcome["text"])
    return int(outcome["release"])


if __name__ == "__main__":
    main()
