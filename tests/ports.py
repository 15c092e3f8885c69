"""Ports for what the tests start, which nobody else takes between being told of one and using it."""

# SPDX-License-Identifier: Apache-2.0

import os
import socket
from contextlib import suppress

# Below those the kernel gives to connections and to whoever asks for any port (32768 and up): a port that was merely
# free a moment ago is one of theirs once in some thousand starts.
_PORTS = range(15_000, 32_000)


def free_port() -> int:
    """A TCP port nobody listens on, told to no other process of tests on this machine until this one ends."""
    start = os.getpid() * 37 % len(_PORTS)
    for port in (*_PORTS[start:], *_PORTS[:start]):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as claim:
            claim.bind(f"\0amdis-tests-port-{port}")
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
            claim.detach()  # held by its descriptor, which no child inherits, until this process ends
            return port
    raise AssertionError(f"no port from {_PORTS[0]} to {_PORTS[-1]} is free")
