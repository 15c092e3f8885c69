"""Text without regard to case and accents, the same for a field and for what it is compared with."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

# Unicode's rules whatever the locale of the database; every PostgreSQL built with ICU has it.
_UNICODE = "und-x-icu"
_CODE_POINTS = "C"


def casei(text: ColumnElement[Any]) -> ColumnElement[str]:
    """Folded case: upper before lower, so that the German sharp s meets SS."""
    return code_points(sa.func.lower(sa.func.upper(sa.collate(text, _UNICODE))))


def accenti(text: ColumnElement[Any]) -> ColumnElement[str]:
    """Without diacritics, by the extension unaccent; composed first, as it knows composed letters only."""
    return sa.func.unaccent(sa.func.normalize(text, sa.text("NFC")), type_=sa.Text)


def code_points(text: ColumnElement[Any]) -> ColumnElement[str]:
    """Ordered by code point whatever the locale of the database."""
    return sa.collate(text, _CODE_POINTS)
