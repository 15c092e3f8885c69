"""The names of every current feature and the words in them, kept beside its text: what people search for."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array, insert

from app.db.base import table_of
from app.releases.models import FeatureName, NameWord
from gis.layer import Layer
from gis.naming import SEPARATOR, folded

NAME, OTHER_NAMES = "name", "otherNames"
"""The fields a feature's names are in; the other names stand with semicolons between."""

_NAMES, _WORDS = table_of(FeatureName), table_of(NameWord)


def write_names(connection: sa.Connection, layer: Layer, rows: sa.FromClause) -> None:
    """Write the names of features, from a source of their columns; they have none so far."""
    # New entries of an index on words are sorted in together; a small list would be sorted in again and again.
    connection.execute(sa.text("SET LOCAL gin_pending_list_limit = '64MB'"))
    columns = ["number", "position", "layer", "name", "folded"]
    written = sa.insert(_NAMES).from_select(columns, named(layer, rows)).returning(_NAMES.c.folded).cte("written")
    words = insert(_WORDS).from_select(["word"], sa.select(_words_of(written.c.folded)).distinct())
    connection.execute(words.on_conflict_do_nothing())


def forget_names(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Delete names, and the words that no other name has. which: tells them, a condition on FeatureName's columns."""
    gone = sa.delete(_NAMES).where(which).returning(_NAMES.c.folded).cte("gone")
    words = connection.execute(sa.select(_words_of(gone.c.folded)).distinct()).scalars().all()
    if words:
        connection.execute(_FORGET_WORDS, {"words": words})


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
    own = array([rows.c[NAME]]) if NAME in public else sa.cast(array([]), ARRAY(sa.Text))
    if OTHER_NAMES not in public:
        return own
    return sa.func.array_cat(own, sa.func.string_to_array(rows.c[OTHER_NAMES], SEPARATOR))


def _words_of(name: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A row a word of a folded name."""
    return sa.func.unnest(sa.func.string_to_array(sa.func.ltrim(name), " "), type_=sa.Text)


def _forget_words() -> sa.Delete:
    word = _WORDS.c.word
    # No word holds a quotation mark or backslash: they are punctuation.
    held = sa.exists().where(_NAMES.c.words.op("@@", is_comparison=True)(sa.cast("'" + word + "'", TSQUERY)))
    listed = sa.bindparam("words", type_=ARRAY(sa.Text))
    return sa.delete(_WORDS).where(word == sa.func.any(listed), ~held)


_FORGET_WORDS = _forget_words()
