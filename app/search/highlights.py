"""Where in a name the words of a query are."""

from collections.abc import Iterator
from dataclasses import dataclass

from gis.naming import fold, fold_letters


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a name, and whether it is what was asked for."""

    text: str
    found: bool


def spans(name: str, query: str) -> list[tuple[int, int]]:
    """Start and end, in characters, of each place in a name where a word begins with one of the query's; in order."""
    folded, places = "", []
    for place, letter in enumerate(name):
        # By letters: what a letter folds to may be longer than itself, or nothing.
        plain = fold_letters(letter)
        folded += plain
        places += [place] * len(plain)
    found: list[tuple[int, int]] = []
    for word in sorted(fold(query).split(), key=len, reverse=True):
        start = folded.find(word)
        while start >= 0:
            inside = start > 0 and folded[start - 1].isalnum() and word.isascii()
            end = start + len(word)
            first, last = places[start], places[end - 1] + 1
            if not inside and all(last <= one or first >= other for one, other in found):
                found.append((first, last))
            start = folded.find(word, end)
    return sorted(found)


def pieces(name: str, query: str) -> Iterator[Piece]:
    """A name cut into what was asked for and what was not."""
    end = 0
    for first, last in spans(name, query):
        if first > end:
            yield Piece(name[end:first], found=False)
        yield Piece(name[first:last], found=True)
        end = last
    if end < len(name):
        yield Piece(name[end:], found=False)
