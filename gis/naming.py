"""Names as people type them: compared without accents, case and punctuation, by words and by likeness.

The same folding is written twice, for PostgreSQL (extension unaccent) and for strings; a test keeps them alike.
"""

import re
import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa

SEPARATOR = ";"
"""Stands between the names of a list."""

LIKENESS = 0.4
"""Part of the trigrams of a typed word that a word must have to be like it; "copepr" has that much of "copper"."""

SIMILARITY = 0.25
"""Part of the trigrams of either of two words that both must have to be alike: pg_trgm's measure, of the same slips."""

# Punctuation and signs, as both PostgreSQL and Python write them. Not the class [:punct:]: PostgreSQL's holds marks
# that words of Khmer and Tamil are written with.
_BETWEEN = (
    r"[\s\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf"
    r"\u2000-\u206f\u3000-\u303f]+"
)
_LAST = "\U0010ffff"
_LETTERS = str.maketrans({"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe"})


def folded(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A name as it is compared, in SQL: " grasberg mine"; empty when nothing is left of it."""
    plain = sa.func.lower(sa.func.unaccent(text))
    return sa.func.rtrim(sa.func.regexp_replace(sa.func.concat(" ", plain), _BETWEEN, " ", "g"))


def fold(text: str) -> str:
    """A name as it is compared: " grasberg mine"; empty when nothing is left of it."""
    return re.sub(_BETWEEN, " ", f" {fold_letters(text)}").rstrip()


def fold_letters(text: str) -> str:
    """Small letters without accents. Vowel signs of other scripts are no accents and stay."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    kept = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", kept)


def begins(column: sa.ColumnElement[str], typed: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a folded name (collation C) begins with what was typed, folded; an index on the column answers it."""
    return sa.and_(
        column >= typed, column < typed.op("||", return_type=sa.Text())(sa.literal(_LAST, literal_execute=True))
    )


def trigrams(word: str) -> frozenset[str]:
    """The trigrams of a folded word as pg_trgm takes them: with two blanks before it and one after."""
    padded = f"  {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))


def likeness(wanted: Sequence[frozenset[str]], words: Sequence[frozenset[str]]) -> float:
    """How like what was typed a name is, 0 to 1, from the trigrams of the words of both.

    Of each wanted word, the part of its trigrams that the nearest word of the name has; the least of these counts.
    """
    return min((max((len(one & word) / len(one) for word in words), default=0.0) for one in wanted), default=0.0)
