"""Which connections of a listening unix socket a process is serving, read from /proc."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

_CONNECTED = "03"


def busy_with(pid: int, address: str) -> frozenset[str]:
    """The accepted connections of the socket that the process holds open, each by its inode; empty when it is idle.

    address: the path as it was bound. A connection has an inode of its own, so the same one seen twice is the same
    request still.
    """
    accepted = _accepted(address)
    return frozenset(link for link in _links(pid) if link in accepted)


def _accepted(address: str) -> frozenset[str]:
    lines = Path("/proc/net/unix").read_text(encoding="utf-8", errors="surrogateescape").splitlines()[1:]
    # Num RefCount Protocol Flags Type St Inode Path
    rows = (row for line in lines if len(row := line.split(maxsplit=7)) == 8)
    return frozenset(f"socket:[{row[6]}]" for row in rows if row[5] == _CONNECTED and row[7] == address)


def _links(pid: int) -> list[str]:
    try:
        return [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:  # It ended, or closed a descriptor, while we looked; it is looked at again soon.
        return []
