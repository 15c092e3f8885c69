"""Commodities: what the sources write, turned into codes of the vocabulary in order of importance."""

from dataclasses import dataclass
from pathlib import Path

from data.compile.tables import VOCABULARIES, read_csv, read_rules


class UnknownTermError(ValueError):
    """A source uses a commodity term that commodity-terms.csv does not know."""

    def __init__(self, source: str, term: str) -> None:
        super().__init__(
            f"commodity-terms.csv has no row for {term!r} of {source}: add one (empty code: not a commodity)"
        )


@dataclass(frozen=True)
class Commodities:
    """The commodity vocabulary and the rules that lead to it."""

    labels: dict[str, str]
    uris: dict[str, str]
    groups: dict[str, str]
    terms: dict[tuple[str, str], str]
    rank: dict[str, int]

    def codes(self, source: str, text: str) -> list[str]:
        """The codes of a semicolon-separated list of terms, each once, in the order given; raises UnknownTermError."""
        found: dict[str, None] = {}
        for term in filter(None, (part.strip().lower() for part in text.split(";"))):
            code = self.terms.get((source, term), self.terms.get(("*", term)))
            if code is None:
                raise UnknownTermError(source, term)
            if code:
                found[code] = None
        return list(found)

    def ordered(self, codes: list[str], first: list[str]) -> list[str]:
        """Codes by importance for sources whose own order means nothing: `first`, then commodity-order.csv."""
        last = len(self.rank)
        position = {code: place - len(first) for place, code in enumerate(first)}
        return sorted(codes, key=lambda code: (position.get(code, self.rank.get(code, last)), code))


def load_commodities(vocabularies: Path = VOCABULARIES) -> Commodities:
    """The commodities as compiled in data/vocabularies, with the rules of this package."""
    concepts = read_csv(vocabularies / "commodity-code.csv")
    return Commodities(
        labels={row["code"]: row["label"] for row in concepts},
        uris={row["code"]: row["uri"] for row in concepts},
        groups={row["code"]: row["group"] for row in concepts},
        terms={(row["source"], row["term"]): row["code"] for row in read_rules("commodity-terms")},
        rank={row["code"]: place for place, row in enumerate(read_rules("commodity-order"))},
    )
