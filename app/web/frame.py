"""What the public pages draw on, and how each of them is answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.db.pool import Connection, PublicReads
from app.layers.catalogue import Catalogue
from app.layers.queries import Outline, codes_by_country, outlines
from app.minerals.vocabularies import read_labels
from app.regions import Region
from app.statistics.figures import Figures
from app.statistics.service import DATASET as STATISTICS
from app.web.charts.answer import Asked
from app.web.charts.questions import Series
from app.web.charts.registry import CHARTS
from app.web.charts.routes import Charts
from app.web.charts.shown import Place, Shown
from app.web.commodities import Commodities
from app.web.cooperation import Cooperation
from app.web.kept_pages import KeptPages
from app.web.languages import Labels, Language, in_language
from app.web.once import Once
from app.web.overview import BOUNDARIES, Overview, read_overview
from app.web.pages import Pages
from app.web.words import Words
from gis.vocabulary import Vocabulary

_TOLERANCE = 0.06
"""Of outlines in degrees: a pixel of a map of the region 1,000 pixels wide."""
_ZOOM = 5
"""Zoom level whose geometry is as fine as that."""

CODES = "commodityCodes"
"""The field of a layer that names commodities."""

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
    cooperation: Cooperation


@dataclass(frozen=True)
class Frame(Sources):
    """The sources, and what is made of them. kept: answers of the newest publication.

    borders: outlines of the states and their neighbours. overview: what is published, counted. holdings: by layer,
    features by country and commodity.
    """

    labels: Labels
    series: Series
    charts: Charts
    kept: KeptPages
    borders: Once[list[Outline]]
    overview: Once[Overview]
    holdings: Once[Mapping[str, Mapping[tuple[str, str], int]]]

    def words(self, language: Language) -> Words:
        """Codes as words of a language."""
        return self.charts.words(language)

    async def page(self, request: Request, template: str, values: Values, status: int = 200) -> Response:
        """The page of a template in the language of the request, made once a publication."""
        language = self.pages.languages.of(request)
        path, query = request.url.path, request.url.query

        async def make() -> bytes:
            return await self._made(path, query, template, language, values)

        answer = await self.kept.respond(request, language, make, HTML)
        if status != 200 and answer.status_code == 200:
            answer.status_code = status
        return answer

    async def prepare(self, path: str, template: str, language: Language, values: Values) -> None:
        """Make a page ahead, as who comes with a browser of that language will ask for it."""
        await self.kept.prepare(path, language, lambda: self._made(path, "", template, language, values))

    async def _made(self, path: str, query: str, template: str, language: Language, values: Values) -> bytes:
        words = self.words(language)
        found = await values(words)
        known = {
            **found,
            "words": words,
            "address": lambda code: in_language(path, query, code),
            "canonical": self.pages.site.base_url + path,
        }
        return (await run_in_threadpool(self.pages.render, template, language, **known)).encode()

    async def chart(self, name: str, words: Words, place: Place = "third", **codes: str) -> Shown:
        """A chart for a page."""
        return await self.charts.shown(CHARTS[name], Asked(codes), words, place)


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
        cooperation=sources.cooperation,
        labels=labels,
        series=Series(sources.figures, sources.reads),
        charts=charts,
        kept=KeptPages(site.version, lambda: catalogue.snapshot.version),
        borders=Once(lambda: catalogue.state(BOUNDARIES).release, lambda: _borders(sources)),
        overview=Once(lambda: catalogue.snapshot.version, lambda: _overview(sources)),
        holdings=Once(lambda: catalogue.snapshot.version, lambda: _holdings(sources)),
    )


async def _borders(sources: Sources) -> list[Outline]:
    layer, box = sources.catalogue.layer(BOUNDARIES), sources.region.box
    return await sources.reads(lambda connection: outlines(connection, layer, box, _TOLERANCE, _ZOOM))


async def _overview(sources: Sources) -> Overview:
    groups = sources.vocabularies["commodity-group"]
    return await sources.reads(lambda connection: read_overview(connection, sources.catalogue, sources.region, groups))


async def _holdings(sources: Sources) -> Mapping[str, Mapping[tuple[str, str], int]]:
    layers = [one.layer for one in sources.catalogue.declared.values() if one.layer.field(CODES)]

    async def read(connection: Connection) -> Mapping[str, Mapping[tuple[str, str], int]]:
        return {layer.id: await codes_by_country(connection, layer, CODES) for layer in layers}

    return await sources.reads(read)
