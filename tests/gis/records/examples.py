"""Records as the tests need them."""

# SPDX-License-Identifier: Apache-2.0

from datetime import UTC, datetime

from gis.records import Access, Distribution, Kind, Raster, Record, Variable, licence
from gis.service import Contact, ServiceMetadata

BASE = "https://example.org"
CONTACT = Contact("A survey & sons", email="data@example.org", phone="+62123456", city="Bandung", url="https://a.org")
SERVICE = ServiceMetadata("Minerals", "About minerals.", ("minerals",), BASE, CONTACT)
FIRST, SECOND = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, 12, 30, tzinfo=UTC)


def uri(identifier: str) -> str:
    return f"{BASE}/id/{identifier}"


def record(identifier: str = "mines", **values: object) -> Record:
    """A dataset with everything said, but for what is told otherwise."""
    told: dict[str, object] = {
        "id": identifier,
        "kind": Kind.DATASET,
        "uri": uri(identifier),
        "page": f"{BASE}/datasets/{identifier}",
        "title": "Mines <&> pits",
        "description": "Where ore is dug.",
        "keywords": ("mine", "ore"),
        "theme": "Mineral resources",
        "topic": "geoscientificInformation",
        "contact": CONTACT,
        "licences": (licence("CC BY 4.0"),),
        "sources": ("A survey", "Another survey"),
        "language": "en",
        "citation": "A survey (2026). Mines.",
        "bbox": (94.5, -8.25, 139.0, 24.0),
        "created": FIRST,
        "updated": SECOND,
        "interval": (FIRST, None),
        "distributions": (FEATURES, PACKAGE),
        "variables": (Variable("depth", "Depth", "m"),),
        "preview": f"{BASE}/picture.jpg",
        "version": 2,
        "count": 678,
        "content_hash": "ab" * 32,
        "releases": (f"{identifier}.release.2", f"{identifier}.release.1"),
    }
    return Record(**(told | values))  # type: ignore[arg-type]


FEATURES = Distribution(
    "OGC API – Features",
    f"{BASE}/ogc",
    Access.SERVICE,
    "application/json",
    "OGC API – Features",
    f"{BASE}/ogc/collections/mines",
    "OGC API-Features",
    "http://www.opengis.net/doc/IS/ogcapi-features-1/1.0",
    "mines",
)
PACKAGE = Distribution(
    "GeoPackage", f"{BASE}/mines.gpkg", Access.DOWNLOAD, "application/geopackage+sqlite3", "GeoPackage"
)
RELEASE = record(
    "mines.release.1",
    kind=Kind.RELEASE,
    title="Mines, release 1",
    updated=FIRST,
    interval=(FIRST, SECOND),
    version=1,
    changes=(600, 0, 0),
    note="First",
    publisher="Somebody",
    dataset="mines",
    next="mines.release.2",
    releases=(),
    preview=None,
)
BARE = record(
    "relief",
    title="Relief",
    keywords=(),
    topic="elevation",
    licences=(licence("Ask us"), licence("CC BY 4.0")),
    sources=(),
    bbox=None,
    created=None,
    updated=None,
    interval=None,
    distributions=(PACKAGE,),
    variables=(),
    preview=None,
    version=None,
    count=None,
    content_hash=None,
    releases=(),
    contact=Contact("A survey"),
    raster=Raster(10, 20, 3, None),
)
TABLE = record("statistics", title="Figures", topic="economy", bbox=None, preview=None, is_table=True)
