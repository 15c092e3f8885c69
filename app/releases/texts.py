"""The GeoJSON text of every current feature, kept beside it: a page is put together from texts, not from columns.

With the texts go the names that features are found by: both say what is public now, and nothing else.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.db.base import table_of
from app.releases.models import FeatureName, FeatureText, LayerText
from app.releases.names import forget_names, named, write_names
from app.releases.states import State
from gis.layer import Layer
from gis.query import feature_text
from gis.statement import compiled

TEXTS = table_of(FeatureText)

_NUMBERS = ARRAY(sa.BigInteger)


def drop_texts(connection: sa.Connection, numbers: list[int]) -> None:
    """Take features from the public: delete their texts and names."""
    if numbers:
        connection.execute(sa.delete(TEXTS).where(TEXTS.c.number == sa.func.any(sa.literal(numbers, _NUMBERS))))
        forget_names(connection, table_of(FeatureName).c.number == sa.func.any(sa.literal(numbers, _NUMBERS)))


def write_texts(connection: sa.Connection, table: sa.Table, layer: Layer, submission: int) -> None:
    """Write the texts and names of the current rows that came with a submission."""
    if not refresh_texts(connection, table, layer):
        _write(connection, table, layer, table.c.submission_id == submission)


def refresh_texts(connection: sa.Connection, table: sa.Table, layer: Layer) -> bool:
    """Write all texts and names of a layer again where its public fields are others than they were; whether so.

    In the caller's transaction, which nobody publishes beside.
    """
    noted = table_of(LayerText)
    made = (_made(layer, table.alias("feature")), named(layer, table.alias("feature")))
    digest = hashlib.sha256("".join(map(compiled, made)).encode()).hexdigest()
    before = connection.execute(sa.select(noted.c.digest).where(noted.c.layer == layer.id)).scalar_one_or_none()
    if before == digest:
        return False
    note = insert(noted).values(layer=layer.id, digest=digest)
    connection.execute(note.on_conflict_do_update(index_elements=["layer"], set_={"digest": digest}))
    forget_names(connection, table_of(FeatureName).c.layer == layer.id)
    _write(connection, table, layer, sa.true())
    return True


def _made(layer: Layer, rows: sa.FromClause) -> sa.Select[Any]:
    """Number and text of features, from a source of their columns."""
    text, properties = feature_text(layer, rows)
    return sa.select(rows.c.number, text.label("geojson")).select_from(rows.join(properties, sa.true()))


def _write(connection: sa.Connection, table: sa.Table, layer: Layer, which: sa.ColumnElement[bool]) -> None:
    rows = sa.select(table).where(table.c.state == State.CURRENT, which).order_by(table.c.number).subquery("feature")
    written = insert(TEXTS).from_select(["number", "geojson"], _made(layer, rows))
    connection.execute(
        written.on_conflict_do_update(index_elements=["number"], set_={"geojson": written.excluded.geojson})
    )
    write_names(connection, layer, rows)
