"""SIGTERM and Ctrl-C as one exception, so that everything started is stopped on the way out."""

# SPDX-License-Identifier: Apache-2.0

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_Handler = Callable[[int, FrameType | None], object] | int | None


class Stopped(BaseException):
    """Somebody asked us to end. Not an Exception, so that no handler of errors swallows it."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Within the block SIGTERM, SIGHUP and Ctrl-C raise `Stopped` in the main thread."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    with _handled_by(stop):
        yield


@contextmanager
def ignoring_signals() -> Iterator[None]:
    """Within the block the same signals do nothing."""
    with _handled_by(signal.SIG_IGN):
        yield


@contextmanager
def _handled_by(handler: _Handler) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
