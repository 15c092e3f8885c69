"""The page of search results: works without a script, and says what to do when nothing is found."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.search.finder import Group, Search
from app.search.highlights import pieces
from app.search.query import LONGEST, read_query
from app.search.terms import Match, Sort
from app.search.vocabulary import language_name
from app.web.languages import Language, message
from app.web.pages import Pages
from gis.declaration import nearest
from gis.errors import InvalidParameterError

_OF_EACH = 5
_OF_ONE = 100
_HEADERS = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
TITLES: Mapping[Sort, str] = {
    Sort.COUNTRY: message("Countries"),
    Sort.COMMODITY: message("Commodities"),
    Sort.DATASET: message("Datasets"),
    Sort.SITE: message("Mineral sites"),
    Sort.INDICATOR: message("Statistics"),
    Sort.RELEASE: message("Releases"),
    Sort.COOPERATION: message("Cooperation"),
    Sort.FEATURE: message("Geology"),
}


class SearchPage:
    """Renders what a search finds: some results of each kind, or many of one."""

    def __init__(self, pages: Pages, search: Search) -> None:
        self._pages = pages
        self._search = search

    def routes(self) -> list[Route]:
        """The path of the page."""
        return [Route("/search", self.serve)]

    async def serve(self, request: Request) -> Response:
        """The results of q; without it, what can be looked for."""
        language = self._pages.languages.of(request)
        kind = _kind(request.query_params.get("kind", ""))
        asked = request.query_params.get("q", "")
        if not asked.strip():
            return self._respond(language, "", kind, [], "")
        try:
            query = read_query(asked)
        except InvalidParameterError as error:
            return self._respond(language, asked[:LONGEST].replace("\0", ""), kind, [], str(error))
        groups = await self._search.groups(query, kind, _OF_ONE if kind else _OF_EACH)
        return self._respond(language, query, kind, groups, "")

    def _respond(
        self, language: Language, query: str, kind: Sort | None, groups: list[Group], mistake: str
    ) -> Response:
        page = self._pages.render(
            "search.html",
            language,
            query=query,
            kind=kind,
            groups=groups,
            mistake=mistake,
            titles=TITLES,
            only_similar=any(result.match is Match.ALIKE for group in groups for result in group.results),
            pieces=pieces,
            language_name=lambda code: language_name(code, language.code),
            looking=_address,
            address=lambda code: _address(query, kind, code),
        )
        headers = {**_HEADERS, "Content-Language": language.code}
        return HTMLResponse(page, 400 if mistake else 200, headers)


def _address(query: str, kind: Sort | None = None, language: str = "") -> str:
    asked = {"q": query, "kind": kind.value if kind else "", "lang": language}
    return f"/search?{urlencode({name: value for name, value in asked.items() if value})}"


def _kind(name: str) -> Sort | None:
    """The kind of that name, None for none. Raises InvalidParameterError."""
    if not name:
        return None
    try:
        return Sort(name)
    except ValueError:
        close = nearest(name, list(Sort))
        raise InvalidParameterError("kind", f"There is no kind of result {name[:60]!r}{close}.") from None
