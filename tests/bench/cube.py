"""Millions of figures put straight into the statistics, in the order and with the indexes a load gives them."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice, product
from string import ascii_uppercase
from typing import Any

import psycopg
import sqlalchemy as sa

from app.db.embedded import database
from app.db.roles import DatabaseUrls
from app.minerals.crosswalk import read_crosswalk
from app.minerals.vocabularies import read_vocabularies
from app.releases.datasets import Changes, lock_dataset, record_release
from app.statistics.service import DATASET, count_codes
from tests.bench.generate import Choices, write_empty_region
from tests.bench.large import WHILE_FILLING
from tests.bench.places import ROOT, Places
from tests.bench.processes import NotServingError

FIGURES = 5_000_000
FIRST, LAST = 1950, 2023
TRADED = 2010
"""First year of trade by partner; production begins with FIRST."""
PARTNERS = 150
EDITION = "2022"
_BYTES = 900  # a figure takes on the disk: row, indexes, and the write-ahead log in passing
_OF = 1_000_003  # a prime: figures are kept by their number modulo it

Say = Callable[[str], None]

# Every country trades every code with every partner in some of the years; which, a hash of the key says.
_TRADE = """INSERT INTO statistics.observation (
        indicator, country, partner, commodity, hs, "hsEdition", content, year, value, unit, estimated, source,
        "sourceId", licence, release, content_hash)
    SELECT indicator, country, (%(partners)s::text[])[partner], (%(commodities)s::text[])[code],
        (%(codes)s::text[])[code], %(edition)s, '_Z', year,
        1000 + abs(hashint4(code * 1000 + partner)) %% 1000000, 'USD', NULL, 'Benchmark', 'made up',
        'public domain', 1, sha256(int4send(code) || int4send(partner) || int4send(year))
    FROM unnest(%(flows)s::text[]) AS indicator
    CROSS JOIN unnest(%(countries)s::text[]) WITH ORDINALITY AS member (country, place)
    CROSS JOIN generate_series(1, %(partner_count)s::int) AS partner
    CROSS JOIN generate_series(1, %(count)s::int) AS code
    CROSS JOIN generate_series(%(first)s::int, %(last)s::int) AS year
    WHERE abs(hashtextextended(indicator, ((place * 1000 + partner) * 10000 + code) * 10000 + year)) %% %(of)s
        < %(kept)s
    ORDER BY 1, 4, 2, 3, 5, 8"""

_PRODUCTION = """INSERT INTO statistics.observation (
        indicator, country, commodity, content, year, value, unit, estimated, source, "sourceId", licence, release,
        content_hash)
    SELECT indicator, country, commodity, 'contained-metal', year,
        10 + abs(hashtext(country || commodity)) %% 10000 + year - 1950, 'kt', year %% 3 = 0, 'Benchmark', 'made up',
        'public domain', 1, sha256(convert_to(country || commodity, 'UTF8') || int4send(year))
    FROM unnest(%(parts)s::text[]) AS indicator
    CROSS JOIN unnest(%(countries)s::text[]) AS country
    CROSS JOIN unnest(%(metals)s::text[]) AS commodity
    CROSS JOIN generate_series(%(from)s::int, %(last)s::int) AS year
    ORDER BY indicator, commodity, country, year"""


def build(places: Places, figures: int, say: Say) -> None:
    """Make the data home with about so many figures, unless it is there. Raises NotServingError for want of disk."""
    mark = places.folder / "figures.json"
    if mark.exists() and json.loads(mark.read_text())["asked"] == figures:
        return
    mark.unlink(missing_ok=True)
    shutil.rmtree(places.home, ignore_errors=True)
    places.folder.mkdir(parents=True, exist_ok=True)
    free, needed = shutil.disk_usage(places.folder).free, figures * _BYTES
    if free < 1.2 * needed:
        told = f"{figures:,} figures take {needed / 1e9:.1f} GB of disk, {free / 1e9:.1f} are free"
        raise NotServingError(f"{told}: ask for fewer by --figures, or set AMDIS_HOME to a folder elsewhere.")
    write_empty_region(places.region)
    subprocess.run([sys.executable, "-m", "app.cli", "load"], env=places.environment(), cwd=ROOT, check=True)
    started = time.perf_counter()
    with database(places.settings, "amdis bench --statistics", WHILE_FILLING) as urls:
        total = fill(urls, figures, say)
    told = {"asked": figures, "figures": total, "seconds": round(time.perf_counter() - started)}
    mark.write_text(json.dumps(told))


def fill(urls: DatabaseUrls, figures: int, say: Say) -> int:
    """Fill the statistics of an empty database as a first release; returns how many figures they have."""
    values = made_of(figures)
    with psycopg.connect(urls.owner.conninfo(), autocommit=True) as connection:
        late = [row[0] for row in connection.execute(_INDEXES).fetchall()]
        for name, _ in (definition.split(" ON ", 1) for definition in late):
            connection.execute(f"DROP INDEX statistics.{name.rpartition('INDEX ')[2]}")
        say("Production")
        connection.execute(_PRODUCTION, values)
        say("Trade")
        connection.execute(_TRADE, values)
        say(f"{len(late)} indexes")
        for definition in late:
            connection.execute(definition)
        connection.execute("VACUUM (ANALYZE) statistics.observation")
    engine = sa.create_engine(urls.owner.sqlalchemy())
    say("Release")
    with engine.begin() as owner:
        lock_dataset(owner, DATASET)
        count_codes(owner)
        total: int = owner.execute(sa.text("SELECT count(*) FROM statistics.observation")).scalar_one()
        changes = Changes(total, 0, 0, total, b"bench")
        record_release(owner, DATASET, changes, by="amdis bench", note="Made-up figures")
    engine.dispose()
    return total


def made_of(figures: int) -> Mapping[str, Any]:
    """What the figures are of: codes of the project's own lists, and the part of all keys that is kept."""
    vocabularies, crosswalk = read_vocabularies(), read_crosswalk()
    countries = Choices.of(vocabularies).countries
    commodity_of = {
        one.code: commodity
        for commodity, codes in crosswalk.hs_codes.items()
        for one in codes
        if one.edition == EDITION and not one.shared
    }
    codes = sorted(commodity_of)
    metals = [term.code for term in vocabularies["commodity-code"] if term.extra.get("group")][:60]
    parts = ["mine-production", "smelter-production", "refinery-production"]
    produced = len(countries) * len(metals) * len(parts) * (LAST - FIRST + 1)
    keys = 2 * len(countries) * PARTNERS * len(codes) * (LAST - TRADED + 1)
    return {
        "countries": list(countries),
        "codes": codes,
        "commodities": [commodity_of[code] for code in codes],
        "count": len(codes),
        "edition": EDITION,
        "flows": ["exports", "imports"],
        "partners": [
            "".join(letters) for letters in islice(product("XYZ", ascii_uppercase, ascii_uppercase), PARTNERS)
        ],
        "partner_count": PARTNERS,
        "first": TRADED,
        "from": FIRST,
        "last": LAST,
        "metals": metals,
        "parts": parts,
        "of": _OF,
        "kept": min(_OF, max(0, round(_OF * (figures - produced) / keys))),
    }


_INDEXES = """SELECT pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = 'statistics.observation'::regclass AND NOT indisprimary"""
