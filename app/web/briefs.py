"""Briefs of countries and commodities as PDF, set by Typst without a browser or a network."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.web.charts.routes import Wanted, draw
from app.web.charts.shown import Shown
from app.web.commodity_pages import CommodityStory, read_commodity
from app.web.countries import Country, read_country
from app.web.facts import Fact
from app.web.frame import Frame
from app.web.languages import message
from app.web.missing import Missing
from app.web.pages import TEMPLATES, capitalised
from app.web.words import Words

TEMPLATE = TEMPLATES / "briefs" / "brief.typ"
PDF = "application/pdf"
_MOST_CHARTS = 4
_MOST_FACTS = 40

Document = Mapping[str, Any]
"""What the template reads: texts, tables and charts, all in the reader's language."""


class Briefs:
    """``/countries/{iso3}/brief.pdf`` and ``/commodities/{code}/brief.pdf``"""

    def __init__(self, frame: Frame, missing: Missing) -> None:
        self._frame = frame
        self._missing = missing

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [
            Route("/countries/{country}/brief.pdf", self.country),
            Route("/commodities/{code}/brief.pdf", self.commodity),
        ]

    async def country(self, request: Request) -> Response:
        """The brief of a member state."""
        code, members = request.path_params["country"], self._frame.figures.cube.members
        if code not in members:
            return await self._missing.answer(request, "countries", code, members)

        async def told(words: Words) -> Document:
            return await self._of_country(words, await read_country(self._frame, words, code))

        return await self._respond(request, f"amdis-{code}", told)

    async def commodity(self, request: Request) -> Response:
        """The brief of a commodity."""
        code, terms = request.path_params["code"], self._frame.vocabularies["commodity-code"].terms
        if code not in terms:
            labels = {one: term.label for one, term in terms.items()}
            return await self._missing.answer(request, "commodities", code, labels)

        async def told(words: Words) -> Document:
            return await self._of_commodity(words, await read_commodity(self._frame, words, code))

        return await self._respond(request, f"amdis-{code}", told)

    async def _respond(self, request: Request, name: str, told: Callable[[Words], Awaitable[Document]]) -> Response:
        language = self._frame.pages.languages.of(request)

        async def make() -> bytes:
            document = await told(self._frame.words(language))
            return await run_in_threadpool(typeset, document)

        answer = await self._frame.kept.respond(request, language, make, PDF)
        answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
        return answer

    async def _of_country(self, words: Words, country: Country) -> Document:
        text, number = words.language.text, words.language.number
        sites = [
            [text(layer.title), number(count)]
            for layer, count in zip(country.layers, country.figures.counts, strict=True)
        ]
        holdings = [
            [capitalised(words.commodity(one.code)), number(one.sites)] for one in country.holdings[:8] if one.sites
        ]
        tables = [
            _table(text(message("Published sites")), [text(message("Layer")), text(message("Sites"))], sites),
            _table(
                text(message("Commodities by sites")), [text(message("Commodity")), text(message("Sites"))], holdings
            ),
            _facts(words, text(message("Production, newest figures")), country.production),
            _facts(words, text(message("Reserves")), country.reserves),
            _facts(words, text(message("Trade")), country.trade),
            _facts(words, text(message("Economy and investment")), [*country.economy, *country.world]),
        ]
        facts = [*country.production, *country.reserves, *country.trade, *country.economy, *country.world]
        return await self._document(
            words, words.country(country.member.country), f"/countries/{country.member.country}", tables,
            country.charts, facts,
        )  # fmt: skip

    async def _of_commodity(self, words: Words, story: CommodityStory) -> Document:
        text, number = words.language.text, words.language.number
        head = [text(message("Country")), *(text(layer.title) for layer in story.layers)]
        sites = [
            [words.country(one.country), *(number(count) if count else "–" for count in one.counts)]
            for one in story.countries
        ]
        tables = [
            _table(text(message("Published sites by country")), head, sites),
            _facts(words, text(message("Part of the world's production and reserves")), story.world),
            _facts(words, text(message("Reserves")), story.reserves),
        ]
        title = capitalised(words.commodity(story.known.code))
        facts = [*story.world, *story.reserves]
        return await self._document(words, title, f"/commodities/{story.known.code}", tables, story.charts, facts)

    async def _document(
        self,
        words: Words,
        title: str,
        path: str,
        tables: Sequence[Document],
        charts: Sequence[Shown],
        facts: Sequence[Fact],
    ) -> Document:
        site, text = self._frame.pages.site, words.language.text
        release = await self._frame.figures.release(None)
        sources = {str(one.row["source"]) for one in facts}
        for chart in charts:
            sources |= set(chart.answer.sources)
        return {
            "language": words.language.code,
            "direction": words.language.direction,
            "title": title,
            "kind": text(message("Minerals brief")),
            "system": text(message("%(region)s Minerals Information System"), region=site.region),
            "address": f"{site.base_url}{path}",
            "day": words.language.day(release.published_at) if release else "",
            "tables": [table for table in tables if table["rows"]],
            "charts": [await self._chart(chart) for chart in charts[:_MOST_CHARTS]],
            "sources_title": text(message("Sources")),
            "sources": sorted(sources),
            "citation": self._frame.figures.citation(release) if release else "",
            "notes": [
                text(message("A dash is a gap in the data, which says nothing about what is in the ground.")),
                text(message("Ore and contained metal are never added to each other.")),
                text(site.licence),
                text(site.disclaimer),
            ],
        }

    async def _chart(self, chart: Shown) -> Document:
        specification = draw(chart, Wanted("small", "light", titled=False))
        svg = await self._frame.charts.pictures.svg(specification, chart.words.language.locale)
        told = ", ".join(filter(None, [chart.unit, chart.years]))
        return {"title": capitalised(chart.title), "unit": told, "coverage": chart.coverage, "svg": svg.decode()}


def typeset(document: Document) -> bytes:
    """The brief as PDF. Letters are those of the system and of Typst itself; nothing is fetched."""
    import typst  # noqa: PLC0415  (its engine is large, and most processes never set a brief)

    made = typst.compile(
        TEMPLATE, root=TEMPLATES, format="pdf", font_paths=_fonts(), sys_inputs={"document": json.dumps(document)}
    )
    if not isinstance(made, bytes):
        raise TypeError(f"{TEMPLATE} does not give one document")
    return made


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """The fonts there are; looking for them takes long, so it is done once."""
    import typst  # noqa: PLC0415

    return typst.Fonts()


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> Document:
    """numbers: columns that are set to the end of the line, by default all but the first."""
    ends = list(numbers or range(1, len(head)))
    return {"title": title, "head": list(head), "rows": [list(row) for row in rows], "numbers": ends}


def _facts(words: Words, title: str, facts: Sequence[Fact]) -> Document:
    text = words.language.text
    head = [text(message("Figure")), text(message("Year")), text(message("Value")), text(message("Kind"))]
    rows = [[_named(words, one), str(one.row["year"]), one.value, one.state] for one in facts[:_MOST_FACTS]]
    return _table(title, head, rows, (1, 2))


def _named(words: Words, one: Fact) -> str:
    row = one.row
    commodity = words.commodity(row["commodity"])
    told = [words.indicator(row["indicator"]), words.content(row["content"])]
    country = f" ({words.country(row['country'])})" if one.row["indicator"] in ("reserves",) else ""
    return capitalised(f"{commodity}: {', '.join(filter(None, told))}{country}")
