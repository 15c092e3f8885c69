"""The E-F-G matrix of the region's estimates as a page: chosen by commodity, country and bridge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.minerals.vocabularies import read_labels
from app.parameters import check_known
from app.resources.estimates import NOT_ASSESSED, Estimate
from app.resources.resources import Asked, Resources
from app.resources.routes import rows_of
from app.resources.totals import Cell, Matrix
from app.web.languages import Language, label
from app.web.pages import Pages

PATH = "/resources/unfc"
UNIT = "t"
"""Unit of the contained metal on the page."""

_LABELLED = ("unfc-category", "assessment-category", "classification-method-used", "commodity-code")
_MOST = 200  # estimates listed; the API has all


@dataclass(frozen=True, slots=True)
class Choice:
    """A drop-down list: options are pairs of code and label, chosen is one of the codes or empty."""

    name: str
    options: Sequence[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Part:
    """Estimates of one category of G within a cell of E and F."""

    g: str
    cell: Cell
    rows: str


class UnfcPage:
    """Makes the page for each choice; it changes with the layer's release only."""

    def __init__(self, pages: Pages, resources: Resources) -> None:
        self._pages = pages
        self._resources = resources
        self._known = {name: read_labels(name) for name in _LABELLED}

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route(PATH, self.serve)]

    async def serve(self, request: Request) -> Response:
        """The page as HTML. Raises UnknownCodeError, InvalidParameterError."""
        check_known(request, ("commodity", "country", "bridge", "lang"))
        language = self._pages.languages.of(request)
        headers = {
            "ETag": f'W/"{self._pages.site.version}-{self._resources.release}-{language.code}-{language.asked}"',
            "Cache-Control": "no-cache",
            "Vary": "Accept-Language",
            "Content-Language": language.code,
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        # An empty choice of a form asks for nothing.
        given = {name: text for name, text in request.query_params.items() if text}
        asked = Asked(commodity=given.get("commodity"), country=given.get("country"))
        everything = await self._resources.estimates(Asked())
        found = await self._resources.estimates(asked)
        bridge = self._resources.bridge(given.get("bridge"))
        matrix = await self._resources.matrix(asked, "contained", given.get("bridge"), UNIT)
        html = await run_in_threadpool(
            self._pages.render,
            "unfc.html",
            language,
            address=self._pages.addresses(request),
            choices=self._choices(given, everything, language),
            estimates=sorted(found, key=lambda one: (one.deposit_name, one.commodity))[:_MOST],
            matched=len(found),
            deposits=len({one.deposit for one in found}),
            matrix=matrix,
            parts=_parts(matrix),
            bridge=bridge,
            missing=[
                language.text(name)
                for code, name in self._resources.members.items()
                if code not in _countries(everything)
            ],
            members=self._resources.members,
            labels=self._labels(language),
            not_assessed=NOT_ASSESSED,
            unit=UNIT,
        )
        return HTMLResponse(html, headers=headers)

    def _choices(self, given: Mapping[str, str], everything: Sequence[Estimate], language: Language) -> list[Choice]:
        labels = self._labels(language)
        codes = sorted({one.commodity for one in everything})
        known = _countries(everything)
        countries = [(code, language.text(name)) for code, name in self._resources.members.items() if code in known]
        bridges = [(one.id, one.title) for one in self._resources.bridges.values()]
        options = {"commodity": [(c, labels.get(c, c)) for c in codes], "country": countries, "bridge": bridges}
        return [Choice(name, tuple(found), given.get(name, "")) for name, found in options.items()]

    def _labels(self, language: Language) -> Mapping[str, str]:
        """Labels of categories, codes and commodities by code, in a language where their vocabulary has it."""
        vocabularies = self._resources.vocabularies
        return {
            term.code: label(self._known[name], term.code, term.label, language)
            for name in _LABELLED
            for term in vocabularies[name]
        }


def _countries(found: Sequence[Estimate]) -> set[str]:
    return {one.country for one in found}


def _parts(matrix: Matrix) -> Mapping[tuple[str, str], tuple[Part, ...]]:
    """The parts of each cell of E and F that has estimates, by G."""
    order = {code: place for place, code in enumerate(matrix.g)}
    parts: dict[tuple[str, str], tuple[Part, ...]] = {}
    for cell in sorted(matrix.cells, key=lambda one: order[one.axes.g]):
        place = cell.axes.e, cell.axes.f
        parts[place] = (*parts.get(place, ()), Part(cell.axes.g, cell, rows_of(cell.members)))
    return parts
