"""Moments as text."""

from datetime import UTC, datetime


def utc(moment: datetime) -> str:
    """RFC 3339 in UTC to the second, with the Z that OGC API Records asks for."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def utc_exactly(moment: datetime) -> str:
    """The same with all its digits: by them a version of a feature is found again."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
