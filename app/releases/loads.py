"""Which state of a region's files is in the database."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.db.base import table_of
from app.releases.models import RegionLoad


def loaded_digest(connection: sa.Connection, region: str) -> str | None:
    """Digest of the region's files that were loaded last, if this region was the last to be loaded."""
    last = sa.select(RegionLoad.region, RegionLoad.digest).order_by(RegionLoad.loaded_at.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return row.digest if row and row.region == region else None


def record_load(connection: sa.Connection, region: str, digest: str) -> None:
    """Remember what was loaded, in the caller's transaction."""
    load = insert(table_of(RegionLoad)).values(region=region, digest=digest, loaded_at=sa.func.clock_timestamp())
    again = load.on_conflict_do_update(
        index_elements=["region"], set_={"digest": load.excluded.digest, "loaded_at": load.excluded.loaded_at}
    )
    connection.execute(again)
