"""What the public pages draw on, and how each of them is answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from app.db.pool import PublicReads
from app.layers.catalogue import Catalogue
from app.minerals.vocabularies import read_labels
from app.regions import Region
from app.statistics.figures import Figures
from app.statistics.service import DATASET as STATISTICS
from app.web.charts.answer import Asked
from app.web.charts.questions import Series
from app.web.charts.registry import CHARTS
from app.web.charts.routes import Charts
from app.web.charts.shown import Shown
from app.web.commodities import Commodities
from app.web.kept_pages import KeptPages
from app.web.languages import Labels, Language
from app.web.pages import Pages
from app.web.words import Words
from gis.vocabulary import Vocabulary

HTML = "text/html; charset=utf-8"

Values = Callable[[Words], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Sources:
    """Where the pages' content comes from."""

    pages: Pages
    region: Region
    catalogue: Catalogue
    reads: PublicReads
    vocabularies: Mapping[str, Vocabulary]
    figures: Figures
    commodities: Commodities


@dataclass(frozen=True)
class Frame(Sources):
    """The sources, and what is made of them. kept: answers of the newest publication."""

    labels: Labels
    series: Series
    charts: Charts
    kept: KeptPages

    def words(self, language: Language) -> Words:
        """Codes as words of a language."""
        return self.charts.words(language)

    async def page(self, request: Request, template: str, values: Values, status: int = 200) -> Response:
        """The page of a template in the language of the request, made once a publication."""
        language = self.pages.languages.of(request)

        async def make() -> bytes:
            words = self.words(language)
            found = await values(words)
            address = _address(request, self.pages.site.base_url)
            known = {**found, "words": words, "address": address, "canonical": self.canonical(request)}
            return (await run_in_threadpool(self.pages.render, template, language, **known)).encode()

        answer = await self.kept.respond(request, language, make, HTML)
        if status != 200 and answer.status_code == 200:
            answer.status_code = status
        return answer

    async def chart(self, name: str, words: Words, size: str = "small", **codes: str) -> Shown:
        """A chart for a page."""
        return await self.charts.shown(CHARTS[name], Asked(codes), words, size)

    def canonical(self, request: Request) -> str:
        """The public address of the page in the language it is asked for, without other parameters."""
        return self.pages.site.base_url + request.url.path


def public_frame(sources: Sources) -> Frame:
    """The frame of the public pages."""
    labels = read_labels("commodity-code")
    site, catalogue = sources.pages.site, sources.catalogue

    def words(language: Language) -> Words:
        return Words(language, sources.figures.cube, labels, sources.region.title)

    def edition() -> str:
        releases = catalogue.snapshot.releases.get(STATISTICS, ())
        return str(releases[-1].number if releases else 0)

    charts = Charts(sources.figures, sources.pages.languages, words, KeptPages(site.version, edition))
    return Frame(
        pages=sources.pages,
        region=sources.region,
        catalogue=sources.catalogue,
        reads=sources.reads,
        vocabularies=sources.vocabularies,
        figures=sources.figures,
        commodities=sources.commodities,
        labels=labels,
        series=Series(sources.figures, sources.reads),
        charts=charts,
        kept=KeptPages(site.version, lambda: catalogue.snapshot.version),
    )


def _address(request: Request, base_url: str) -> Callable[[str], str]:
    """The page's own address in another language, as a path."""

    def told(language: str) -> str:
        url = URL(str(request.url)).include_query_params(lang=language)
        return f"{url.path}?{url.query}"

    return told
