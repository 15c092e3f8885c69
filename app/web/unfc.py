"""The E-F-G matrix of the region's estimates as a page: chosen by commodity, country and bridge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.parameters import check_known
from app.resources.estimates import NOT_ASSESSED, Estimate
from app.resources.resources import Asked, Resources
from app.resources.routes import PATH as API
from app.resources.routes import rows_of
from app.resources.totals import Cell, Matrix
from app.web.choices import Choice
from app.web.frame import Frame
from app.web.pages import capitalised
from app.web.words import Words

PATH = "/resources/unfc"
UNIT = "t"
"""Unit of the contained metal on the page."""

_CHOSEN = ("commodity", "country", "bridge")
_MOST = 200  # estimates listed; the API has all


@dataclass(frozen=True, slots=True)
class Part:
    """Estimates of one category of G within a cell of E and F."""

    g: str
    cell: Cell
    rows: str


class UnfcPage:
    """``/resources/unfc``"""

    def __init__(self, frame: Frame, resources: Resources) -> None:
        self._frame = frame
        self._resources = resources

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route(PATH, self.serve)]

    async def serve(self, request: Request) -> Response:
        """The matrix of the form's choice. Raises UnknownCodeError, InvalidParameterError."""
        check_known(request, (*_CHOSEN, "lang"))
        # An empty choice of a form asks for nothing.
        given = {name: text for name, text in request.query_params.items() if text}
        asked = Asked(commodity=given.get("commodity"), country=given.get("country"))
        bridge = self._resources.bridge(given.get("bridge"))
        found = await self._resources.estimates(asked)

        async def values(words: Words) -> Mapping[str, Any]:
            everything = await self._resources.estimates(Asked())
            matrix = await self._resources.matrix(asked, "contained", given.get("bridge"), UNIT)
            present = {one.country for one in everything}
            return {
                "choices": self._choices(given, everything, words),
                "estimates": sorted(found, key=lambda one: (one.deposit_name, one.commodity))[:_MOST],
                "matched": len(found),
                "deposits": len({one.deposit for one in found}),
                "matrix": matrix,
                "parts": _parts(matrix),
                "unclassified": sum(not one.axes.assessed for one in found),
                "bridge": bridge,
                "missing": words.countries([code for code in words.cube.members if code not in present]),
                "say": self._say(words),
                "unverified": self._unverified(),
                "not_assessed": NOT_ASSESSED,
                "unit": UNIT,
                "json": _address("unfc", given),
                "rows": _address("", asked.parameters()),
            }

        return await self._frame.page(request, "unfc.html", values)

    def _choices(self, given: Mapping[str, str], everything: Sequence[Estimate], words: Words) -> list[Choice]:
        present = {"commodity": {one.commodity for one in everything}, "country": {one.country for one in everything}}
        options = {
            "commodity": sorted(present["commodity"] | _codes(given, "commodity"), key=words.commodity),
            "country": sorted(present["country"] | _codes(given, "country"), key=words.country),
        }
        say = {"commodity": words.commodity, "country": words.country}
        bridges = [(one.id, one.title) for one in self._resources.bridges.values()]
        listed = {name: [(code, capitalised(say[name](code))) for code in codes] for name, codes in options.items()}
        return [Choice(name, found, given.get(name, "")) for name, found in (listed | {"bridge": bridges}).items()]

    def _say(self, words: Words) -> Callable[[str, str], str]:
        """Says a code of a vocabulary in a language; nothing where there is no code."""
        vocabularies = self._resources.vocabularies

        def say(vocabulary: str, code: str) -> str:
            return words.language.text(vocabularies[vocabulary].label(code)) if code else ""

        return say

    def _unverified(self) -> str:
        """What the words of the categories have to be checked against; empty once they were."""
        terms = self._resources.vocabularies["unfc-category"]
        return next((term.extra["source"] for term in terms if term.extra["status"] != "verified"), "")


def _codes(given: Mapping[str, str], name: str) -> set[str]:
    return {given[name]} if name in given else set()


def _address(name: str, parameters: Mapping[str, str]) -> str:
    path = f"{API}/{name}" if name else API
    return f"{path}?{urlencode(parameters)}" if parameters else path


def _parts(matrix: Matrix) -> Mapping[tuple[str, str], tuple[Part, ...]]:
    """The parts of each cell of E and F that has estimates, by G."""
    order = {code: place for place, code in enumerate(matrix.g)}
    parts: dict[tuple[str, str], tuple[Part, ...]] = {}
    for cell in sorted(matrix.cells, key=lambda one: order[one.axes.g]):
        place = cell.axes.e, cell.axes.f
        parts[place] = (*parts.get(place, ()), Part(cell.axes.g, cell, rows_of(cell.members)))
    return parts
