"""The names of every current feature, kept beside its text: what people search for."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from app.db.base import table_of
from app.releases.models import FeatureName
from gis.layer import Layer
from gis.naming import SEPARATOR, folded

NAMES = table_of(FeatureName)

NAME, OTHER_NAMES = "name", "otherNames"
"""The fields a feature's names are in; the other names stand with semicolons between."""


def write_names(connection: sa.Connection, layer: Layer, rows: sa.FromClause) -> None:
    """Write the names of features, from a source of their columns; their texts are there, their names are not."""
    columns = ["number", "position", "layer", "name", "folded"]
    connection.execute(sa.insert(NAMES).from_select(columns, named(layer, rows)))


def forget_names(connection: sa.Connection, layer: Layer) -> None:
    """Delete all names of a layer's features."""
    connection.execute(sa.delete(NAMES).where(NAMES.c.layer == layer.id))


def named(layer: Layer, rows: sa.FromClause) -> sa.Select[tuple[int, int, str, str, str]]:
    """Number, position, layer, name and folded name of features: one row a name, none for a layer without names."""
    given = _names(layer, rows)
    listed = sa.func.unnest(given).table_valued("name", with_ordinality="position", name="listed").render_derived()
    name = sa.func.btrim(listed.c.name)
    return (
        sa.select(rows.c.number, listed.c.position, sa.literal(layer.id), name, folded(name))
        .select_from(rows.join(listed, sa.true()))
        .where(folded(name) != "")
    )


def _names(layer: Layer, rows: sa.FromClause) -> sa.ColumnElement[Any]:
    """The public names of a feature as an array, its own first."""
    public = {field.name for field in layer.public_fields}
    own = array([rows.c[NAME]]) if NAME in public else sa.cast(array([]), sa.ARRAY(sa.Text))
    if OTHER_NAMES not in public:
        return own
    return sa.func.array_cat(own, sa.func.string_to_array(rows.c[OTHER_NAMES], SEPARATOR))
