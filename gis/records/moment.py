"""Times as text."""

from datetime import UTC, datetime


def utc(moment: datetime) -> str:
    """RFC 3339 in UTC to the second, with the Z that OGC API Records asks for."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
