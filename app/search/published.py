"""The terms that change with publications: datasets, their releases, and those of the figures."""

from collections.abc import Iterator

from app.layers.catalogue import Snapshot
from app.layers.records import Records
from app.search.terms import Name, Sort, Term
from app.statistics.service import DATASET as STATISTICS
from gis.records import Kind, Record

_PAGE = "/statistics"


def released_terms(snapshot: Snapshot, records: Records) -> Iterator[Term]:
    """The datasets and releases of a snapshot; datasets by their keywords too."""
    for record in records.index.records:
        if record.is_table:  # told below
            continue
        kind = Sort.DATASET if record.kind is Kind.DATASET else Sort.RELEASE
        further = (record.id, *record.keywords) if kind is Sort.DATASET else ()
        names = tuple(Name(text, record.language) for text in dict.fromkeys((record.title, *further)))
        yield Term(kind, record.id, _path(record, records), tuple(_details(record)), names)
    releases = snapshot.releases.get(STATISTICS, ())
    if releases:
        details = (f"{releases[-1].total:,} figures",)
        yield Term(
            Sort.DATASET, STATISTICS, _PAGE, details, (Name("Statistics", "en"), Name("Production and trade", "en"))
        )
    for release in releases:
        title = f"Statistics, release {release.number}"
        told = (release.published_at.date().isoformat(), f"{release.total:,} figures")
        yield Term(Sort.RELEASE, f"{STATISTICS}-{release.number}", _PAGE, told, (Name(title, "en"),))


def _path(record: Record, records: Records) -> str:
    return record.page.removeprefix(records.service.base_url)


def _details(record: Record) -> Iterator[str]:
    yield record.theme
    if record.updated and record.kind is Kind.RELEASE:
        yield record.updated.date().isoformat()
    if record.count is not None:
        yield f"{record.count:,} features"
