"""Work that goes on in a thread beside a block, and ends with it."""

# SPDX-License-Identifier: Apache-2.0

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(name: str, work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run work in a thread of that name within the block. It looks at the event, which is set at the block's end."""
    stopping = threading.Event()
    thread = threading.Thread(target=work, args=(stopping,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
