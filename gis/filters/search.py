"""Search for words anywhere in the texts of a feature, without regard to case and accents."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gis.errors import InvalidParameterError
from gis.filters import literals
from gis.filters.compiler import Columns, Filter
from gis.filters.operands import Values
from gis.filters.text import accenti, casei
from gis.layer import FieldType, Layer
from gis.statement import constant

MAX_WORDS = 10
_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def search(layer: Layer, columns: Columns, text: str, *, parameter: str = "q", prefix: str = "q") -> Filter:
    """The features that have every word of a text somewhere. Raises InvalidParameterError for no word or too many."""
    words = literals.text(text, parameter).split()
    if not 0 < len(words) <= MAX_WORDS:
        raise InvalidParameterError(parameter, f"{parameter} needs one to {MAX_WORDS} words, not {len(words)}.")
    values = Values(prefix)
    searched = casei(accenti(_all_text(layer, columns)))
    patterns = (values.bind(f"%{word.translate(_SPECIAL)}%", sa.Text) for word in words)
    meets = sa.and_(*(searched.bool_op("LIKE")(casei(accenti(pattern))) for pattern in patterns))
    return Filter.of(meets, values.bound, (prefix, len(words)))


def searched_fields(layer: Layer) -> Sequence[str]:
    """Names of the fields that are searched: all texts but addresses and codes of a vocabulary."""
    return [f.name for f in layer.public_fields if f.type in _TEXTS and not f.name.lower().endswith(("_uri", "url"))]


_TEXTS = (FieldType.STRING, FieldType.STRINGS)


def _all_text(layer: Layer, columns: Columns) -> sa.ColumnElement[str]:
    lists = {f.name for f in layer.public_fields if f.type is FieldType.STRINGS}
    parts = (
        sa.func.array_to_string(sa.cast(columns[name], ARRAY(sa.Text)), constant(" "))
        if name in lists
        else columns[name]
        for name in searched_fields(layer)
    )
    return sa.func.concat_ws(constant(" "), *parts, type_=sa.Text)
