"""The GeoJSON text of every current feature, kept beside it: a page is put together from texts, not from columns.

With the texts go the names that features are found by: both say what is public now, and nothing else.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.db.base import table_of
from app.db.driver import driver_of
from app.releases.models import FeatureName, FeatureText, FeatureTextDictionary, LayerText
from app.releases.names import forget_names, named, write_names
from app.releases.states import State
from gis.layer import Layer
from gis.query import feature_text
from gis.statement import compiled, with_values
from gis.texts import SAMPLES, Packer, dictionary_of

TEXTS, DICTIONARIES = table_of(FeatureText), table_of(FeatureTextDictionary)

_NUMBERS = ARRAY(sa.BigInteger)
_NEXT_NUMBER = sa.func.nextval(sa.func.pg_get_serial_sequence(DICTIONARIES.fullname, "number"))
_COPY = f"COPY {TEXTS.fullname} (number, geojson) FROM STDIN (FORMAT binary)"
_AT_ONCE = 500  # texts in memory; those of areas are long
_KEPT = "compressed with a dictionary"


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
    digest = hashlib.sha256("".join((*map(compiled, made), _KEPT)).encode()).hexdigest()
    before = connection.execute(sa.select(noted.c.digest).where(noted.c.layer == layer.id)).scalar_one_or_none()
    if before == digest:
        return False
    note = insert(noted).values(layer=layer.id, digest=digest)
    connection.execute(note.on_conflict_do_update(index_elements=["layer"], set_={"digest": digest}))
    forget_names(connection, table_of(FeatureName).c.layer == layer.id)
    _write(connection, table, layer, sa.true(), of_all=True)
    return True


def _made(layer: Layer, rows: sa.FromClause) -> sa.Select[Any]:
    """Number and text of features, from a source of their columns."""
    text, properties = feature_text(layer, rows)
    return sa.select(rows.c.number, text.label("geojson")).select_from(rows.join(properties, sa.true()))


def _write(
    connection: sa.Connection, table: sa.Table, layer: Layer, which: sa.ColumnElement[bool], *, of_all: bool = False
) -> None:
    conditions = (table.c.state == State.CURRENT, which)
    connection.execute(sa.delete(TEXTS).where(TEXTS.c.number.in_(sa.select(table.c.number).where(*conditions))))
    rows = sa.select(table).where(*conditions).order_by(table.c.number).subquery("feature")
    known = None if of_all else _dictionary(connection, layer)
    packer = Packer(_trained(connection, layer, rows) if known is None else known)
    driver = driver_of(connection)
    with driver.cursor("texts", binary=True) as found, driver.cursor() as writing:
        found.execute(*with_values(_made(layer, rows)))
        while texts := found.fetchmany(_AT_ONCE):
            with writing.copy(_COPY) as stream:
                stream.set_types(("int8", "bytea"))
                for number, text in texts:
                    stream.write_row((number, packer.pack(text)))
    write_names(connection, layer, rows)


def _dictionary(connection: sa.Connection, layer: Layer) -> bytes | None:
    """The last dictionary of a layer."""
    of_layer = sa.select(DICTIONARIES.c.content).where(DICTIONARIES.c.layer == layer.id)
    content = connection.execute(of_layer.order_by(DICTIONARIES.c.number.desc()).limit(1)).scalar()
    return None if content is None else bytes(content)


def _trained(connection: sa.Connection, layer: Layer, rows: sa.Subquery) -> bytes | None:
    """A new dictionary of a layer, trained on rows about to be written; None where they are not enough.

    Older ones stay: a reader may have texts in hand that were written with them.
    """
    step = sa.select(sa.func.greatest(1, sa.func.count() // SAMPLES)).select_from(rows).scalar_subquery()
    text = _made(layer, rows).where(sa.func.mod(rows.c.number, step) == 0).limit(SAMPLES).subquery("sample").c.geojson
    samples = [bytes(one) for one in connection.execute(sa.select(text)).scalars()]
    number = connection.execute(sa.select(_NEXT_NUMBER)).scalar_one()
    trained = dictionary_of(samples, number)
    if trained is not None:
        connection.execute(sa.insert(DICTIONARIES).values(number=number, layer=layer.id, content=trained))
    return trained
