"""One search over terms in memory and names of features in the database, ranked together and grouped by kind."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from app.db.pool import Connection, PublicReads
from app.layers.catalogue import Catalogue, Snapshot
from app.layers.queries import identified
from app.layers.records import Records
from app.releases import matches
from app.releases.matches import COUNTED, NameMatch
from app.search.published import released_terms
from app.search.terms import Match, Name, Sort, Term, TermMatch, how, likeness_of, literally, nearly
from gis.layer import GeometryType
from gis.naming import fold
from gis.texts import Unpacker

MOST_WORDS = 8

_SHORTEST = 3  # letters from which on words inside a name and likeness are looked for, in scripts of many short words
_MARGIN = 0.15  # how much less like what was typed than the likest a name may be
_WEIGHT = {
    Sort.COUNTRY: 0.6,
    Sort.COMMODITY: 0.6,
    Sort.DATASET: 0.4,
    Sort.INDICATOR: 0.3,
    Sort.SITE: 0.2,
    Sort.FEATURE: 0.1,
    Sort.COOPERATION: 0.1,
    Sort.RELEASE: 0.0,
}
"""What is looked for more often comes first among names that fit as well."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing found. title: its own name; name: the one that fits, in a language or "" where it is not known.

    details: what else to say of it. closeness: 0 to 1, how much of the name was typed, or how like it is.
    """

    kind: Sort
    key: str
    title: str
    name: str
    language: str
    details: tuple[str, ...]
    href: str
    match: Match
    closeness: float
    term: Term | None = None

    @property
    def score(self) -> float:
        """What results are ranked by."""
        return self.match + _WEIGHT[self.kind] + 0.3 * self.closeness

    def title_in(self, language: str) -> str:
        """Its own name in a language where there is one."""
        return self.term.title(language) if self.term else self.title


@dataclass(frozen=True, slots=True)
class Group:
    """The results of a kind. matched: how many there are in all; more: whether there are even more than that."""

    kind: Sort
    matched: int
    more: bool
    results: tuple[Result, ...]


class Search:
    """Searches what is published now, as the public role."""

    def __init__(self, reads: PublicReads, catalogue: Catalogue, declared: Sequence[Term], skipped: str) -> None:
        """declared: terms that do not change; skipped: id of the layer whose features are found as terms."""
        self._reads = reads
        self._declared = tuple(declared)
        self._terms = self._declared
        self._unpacker = Unpacker()
        layers = [one.layer for name, one in catalogue.declared.items() if name != skipped]
        self._layers = {layer.id: layer for layer in layers}
        points = [layer.id for layer in layers if layer.geometry_type is GeometryType.POINT]
        self._of_kind = {Sort.SITE: points, Sort.FEATURE: [name for name in self._layers if name not in points]}
        self._countries = {term.key: term.title() for term in declared if term.kind is Sort.COUNTRY}

    def publish(self, snapshot: Snapshot, records: Records) -> None:
        """Find the datasets and releases of a snapshot from now on."""
        self._terms = (*self._declared, *released_terms(snapshot, records))

    async def groups(self, query: str, kind: Sort | None, limit: int) -> list[Group]:
        """What is found, by kind, the kind with the best result first; up to so many results of each."""
        typed = _typed(query)
        kinds = [kind] if kind else list(Sort)
        groups = await self._reads(lambda connection: self._groups(connection, typed, kinds, limit)) if typed else []
        return sorted(groups, key=lambda group: -group.results[0].score)

    async def suggestions(self, query: str, limit: int) -> list[Result]:
        """The best results of all kinds, no kind with more than half of the places if others want them."""
        typed = _typed(query)
        if not typed:
            return []
        found = await self._reads(lambda connection: self._found(connection, typed, list(Sort), limit))
        share = {kind: results[: max(limit // 2, 1)] for kind, results in found.items()}
        rest = chain.from_iterable(results[len(share[kind]) :] for kind, results in found.items())
        best = [*_ranked(chain.from_iterable(share.values())), *_ranked(rest)]
        return list(_ranked(best[:limit]))

    async def _groups(self, connection: Connection, typed: str, kinds: Sequence[Sort], limit: int) -> list[Group]:
        found = await self._found(connection, typed, kinds, limit)
        groups = []
        for kind, results in found.items():
            count = len(results)
            if kind in self._of_kind and count >= limit:
                count = max(count, await matches.count_named(connection, self._of_kind[kind], typed))
            more = count > COUNTED
            groups.append(Group(kind, min(count, COUNTED), more, tuple(results[:limit])))
        return groups

    async def _found(
        self, connection: Connection, typed: str, kinds: Sequence[Sort], limit: int
    ) -> dict[Sort, list[Result]]:
        """Results by kind, best first; no kind without any."""
        terms = [term for term in self._terms if term.kind in kinds]
        found = {kind: await self._literal(connection, kind, typed, limit) for kind in kinds if kind in self._of_kind}
        for match in literally(terms, typed):
            found.setdefault(match.term.kind, []).append(_of_term(match))
        if not any(found.values()) and _long_enough(typed):
            found = await self._alike(connection, terms, kinds, typed, limit)
        return {kind: list(_ranked(results)) for kind, results in found.items() if results}

    async def _alike(
        self, connection: Connection, terms: Sequence[Term], kinds: Sequence[Sort], typed: str, limit: int
    ) -> dict[Sort, list[Result]]:
        """Results whose names are like what was typed, about as like as the likest of all."""
        alike = [_of_term(match) for match in nearly(terms, typed)]
        for kind in self._of_kind.keys() & set(kinds):
            named = await matches.named_nearly(connection, self._of_kind[kind], typed, limit)
            alike += await self._of_names(connection, kind, named, typed)
        best = max((result.closeness for result in alike), default=0.0)
        found: dict[Sort, list[Result]] = {}
        for result in alike:
            if result.closeness >= best - _MARGIN:
                found.setdefault(result.kind, []).append(result)
        return found

    async def _literal(self, connection: Connection, kind: Sort, typed: str, limit: int) -> list[Result]:
        """Features whose name or identifier holds what was typed."""
        layers = self._of_kind[kind]
        named = await matches.named_like(connection, layers, typed, 2 * limit)
        if len({one.number for one in named}) < limit:
            named += await matches.named_with(connection, layers, typed, 2 * limit)
        found = {result.key: result for result in await self._of_names(connection, kind, named, typed)}
        for result in await self._by_identifier(connection, kind, typed, limit):
            found.setdefault(result.key, result)
        return list(found.values())

    async def _by_identifier(self, connection: Connection, kind: Sort, typed: str, limit: int) -> list[Result]:
        """The features whose identifier begins with what was typed: identifiers are words with hyphens between."""
        layers = [self._layers[name] for name in self._of_kind[kind]]
        places = await identified(connection, layers, "-".join(typed.split()), limit)
        texts = await matches.texts_of(connection, self._unpacker, [number for _, number in places])
        return [
            self._result(kind, layer, json.loads(texts[number]), None, typed)
            for layer, number in places
            if number in texts
        ]

    async def _of_names(
        self, connection: Connection, kind: Sort, named: Sequence[NameMatch], typed: str
    ) -> list[Result]:
        """The features of names, each once, by the first of its names."""
        first: dict[int, NameMatch] = {}
        for one in named:
            first.setdefault(one.number, one)
        texts = await matches.texts_of(connection, self._unpacker, list(first))
        return [
            self._result(kind, one.layer, json.loads(texts[number]), one, typed)
            for number, one in first.items()
            if number in texts
        ]

    def _result(
        self, kind: Sort, layer: str, feature: Mapping[str, Any], match: NameMatch | None, typed: str
    ) -> Result:
        """A feature from its public text. match: None when its identifier is what was typed."""
        properties = feature["properties"]
        key = str(feature["id"])
        title = str(properties.get("name") or key)
        country = properties.get("country")
        told = (self._layers[layer].title, properties.get("commodity"), self._countries.get(str(country), country))
        name = match.name if match else key
        own = Name(name)
        fits = how(own.folded, typed)
        closeness = len(typed) / len(own.folded) if fits is not None else likeness_of(typed, own)
        details = tuple(str(one) for one in told if one)
        return Result(kind, key, title, name, "", details, f"/id/{key}", fits or Match.ALIKE, closeness)


def _of_term(match: TermMatch) -> Result:
    term, title = match.term, match.term.title()
    said = match.name.text, match.name.language
    return Result(term.kind, term.key, title, *said, term.details, term.href, match.match, match.closeness, term)


def _ranked(results: Iterable[Result]) -> list[Result]:
    return sorted(results, key=lambda result: (-result.score, result.title, result.key))


def _typed(query: str) -> str:
    """What was typed, folded, of its first words."""
    return "".join(f" {word}" for word in fold(query).split()[:MOST_WORDS])


def _long_enough(typed: str) -> bool:
    """Whether words inside of names are worth looking for: a letter of the Latin script is in most of them."""
    return not typed.isascii() or len(typed.strip()) >= _SHORTEST
