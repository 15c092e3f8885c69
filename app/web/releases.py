"""What was published, the newest first: for pages, for the feed and the map of the site."""

from dataclasses import dataclass
from datetime import datetime

from app.statistics.service import DATASET as STATISTICS
from app.web.frame import Frame
from app.web.languages import message


@dataclass(frozen=True, slots=True)
class Published:
    """One release. title: of the dataset; page: its path; anchor: identifies the release for good."""

    dataset: str
    title: str
    page: str
    number: int
    at: datetime
    note: str
    added: int
    changed: int
    removed: int
    total: int
    content_hash: str


def newest_releases(frame: Frame, most: int, dataset: str | None = None) -> list[Published]:
    """The newest releases of all datasets or of one."""
    found = [
        Published(
            dataset=name,
            title=_title(frame, name),
            page=f"/datasets/{name}#release-{one.number}"
            if name != STATISTICS
            else f"/statistics?release={one.number}",
            number=one.number,
            at=one.published_at,
            note=one.note,
            added=one.added,
            changed=one.changed,
            removed=one.removed,
            total=one.total,
            content_hash=one.content_hash,
        )
        for name, releases in frame.catalogue.snapshot.releases.items()
        if dataset in (None, name) and (name in frame.catalogue.declared or name == STATISTICS)
        for one in releases
    ]
    return sorted(found, key=lambda one: (one.at, one.dataset), reverse=True)[:most]


def _title(frame: Frame, name: str) -> str:
    return message("Mineral statistics") if name == STATISTICS else frame.catalogue.declared[name].layer.title
