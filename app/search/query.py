"""What may be looked for."""

import unicodedata

from gis.errors import InvalidParameterError

LONGEST = 200
"""Characters a query may have."""

_CONTROLS = frozenset({"Cc", "Cs"})  # not format characters, which Persian is written with


def read_query(text: str) -> str:
    """The query, single blanks between its words. Raises InvalidParameterError for what cannot be looked for."""
    query = " ".join(text.split())
    if not query:
        raise InvalidParameterError("q", "q is empty. Give a name, a place, a commodity or an identifier.")
    if len(query) > LONGEST:
        raise InvalidParameterError("q", f"q has {len(query)} characters. At most {LONGEST} can be looked for.")
    if any(unicodedata.category(letter) in _CONTROLS for letter in query):
        raise InvalidParameterError("q", "q holds control characters. Leave them out.")
    return query
