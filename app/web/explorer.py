"""The explorer of the statistics: choose a series, see its chart, its table with the gaps, and every row behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import ConflictingFiguresError, ObservationNotFoundError, UnknownCodeError
from app.statistics.codes import NOT_APPLICABLE, TOTAL
from app.statistics.figures import PATH
from app.statistics.selection import CODED
from app.web.charts.answer import Asked
from app.web.charts.registry import CHARTS, series_title
from app.web.charts.routes import read_number
from app.web.charts.shown import Shown
from app.web.facts import Fact
from app.web.frame import Frame
from app.web.home import LEADING
from app.web.words import Words
from gis.declaration import nearest
from gis.errors import InvalidParameterError

MOST_SHOWN = 200
"""So many rows are on the page; all of them are in the download."""

_CHOSEN = ("indicator", "commodity", "content", "country")


@dataclass(frozen=True, slots=True)
class Choice:
    """A list of the form: codes with their labels and number of figures."""

    name: str
    options: Sequence[tuple[str, str, int]]
    chosen: str


@dataclass(frozen=True)
class Explored:
    """What the explorer shows. reasons: why figures do not go into one chart; series: what to choose instead."""

    asked: Asked
    title: str
    choices: Sequence[Choice]
    chart: Shown | None
    rows: Sequence[Fact]
    more: bool
    csv: str
    json: str
    fill: str = ""
    reasons: Sequence[str] = ()
    series: Sequence[tuple[str, str]] = field(default_factory=tuple)


class ExplorerPages:
    """``/statistics`` and the page of a single figure."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/statistics", self.explore), Route("/statistics/figures/{number}", self.figure)]

    async def explore(self, request: Request) -> Response:
        """The explorer for the series of the parameters, the leading one without any."""
        asked = _read(request)
        if "indicator" not in asked.codes:
            asked = await self._leading(asked)
        await self._frame.figures.selection(dict(asked.codes), (asked.first, asked.last), asked.release)
        return await self._frame.page(request, "statistics.html", lambda words: self._explored(words, asked))

    async def figure(self, request: Request) -> Response:
        """One figure: value, source, release."""
        text = request.path_params["number"]
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
            raise ObservationNotFoundError(f"There is no figure of number {text[:40]!r}.")
        row = await self._frame.figures.observation(int(text))

        async def values(words: Words) -> Mapping[str, Any]:
            release = await self._frame.figures.release(row["release"])
            series = {name: row[name] for name in CODED}
            return {
                "fact": Fact(row, words),
                "row": row,
                "title": series_title(words, Asked(series)),
                "release": release,
                "citation": self._frame.figures.citation(release) if release else "",
                "json": f"{PATH}/observations/{text}",
                "series": f"/statistics?{urlencode({name: row[name] for name in _CHOSEN})}",
            }

        return await self._frame.page(request, "figure.html", values)

    async def _leading(self, asked: Asked) -> Asked:
        found = await self._frame.series.leading(LEADING, 1)
        row = found[0] if found else {"commodity": TOTAL, "content": NOT_APPLICABLE}
        codes = {"indicator": LEADING, "commodity": row["commodity"], "content": row["content"]}
        return Asked({**codes, **asked.codes}, asked.first, asked.last, asked.release)

    async def _explored(self, words: Words, asked: Asked) -> Mapping[str, Any]:
        figures = self._frame.figures
        reasons: tuple[str, ...] = ()
        chart: Shown | None = None
        try:
            chart = await self._frame.charts.shown(CHARTS["series"], asked, words, "whole")
        except ConflictingFiguresError as error:
            reasons = error.reasons
        selection = await figures.selection(dict(asked.codes), (asked.first, asked.last), asked.release)
        page = await figures.page(selection, MOST_SHOWN, None, None)
        address = f"{PATH}/observations?{urlencode(asked.parameters(), safe=',')}"
        term = figures.cube.indicators.terms[asked.codes["indicator"].split(",")[0]]
        explored = Explored(
            asked=asked,
            title=series_title(words, asked),
            choices=await self._choices(words, asked),
            chart=chart if chart and chart.answer.points else None,
            rows=[Fact(row, words) for row in page.rows],
            more=page.next is not None,
            csv=f"{address}&f=csv&limit=10000",
            json=address,
            fill=term.extra["fill"],
            reasons=reasons,
            series=await self._instead(words, asked) if reasons else (),
        )
        return {"explored": explored, "release": await figures.release(asked.release)}

    async def _choices(self, words: Words, asked: Asked) -> list[Choice]:
        """The lists of the form, each with what there is of it."""
        contents = await self._frame.figures.contents()
        cube = self._frame.figures.cube
        indicators = [term.code for term in cube.indicators if term.extra["kinds"]]
        listed = {
            "indicator": (indicators, words.indicator),
            "commodity": (sorted(contents.get("commodity", {}), key=words.commodity), words.commodity),
            "content": ([term.code for term in cube.vocabularies["content"]], words.content),
            "country": ([*cube.members, TOTAL], words.country),
        }
        found = []
        for name, (codes, say) in listed.items():
            used = contents.get(name, {})
            chosen = asked.codes.get(name, "")
            options = [(code, say(code), used[code].observations if code in used else 0) for code in codes]
            if chosen and chosen not in codes:
                options.append((chosen, ", ".join(say(code) for code in chosen.split(",")), 0))
            found.append(Choice(name, options, chosen))
        return found

    async def _instead(self, words: Words, asked: Asked) -> list[tuple[str, str]]:
        """Series that are part of what was asked for and can be shown by themselves."""
        found = []
        for row in await self._frame.series():
            codes = {name: row[name] for name in ("indicator", "commodity", "content")}
            if all(asked.codes.get(name) in (None, code) for name, code in codes.items()):
                kept = {name: code for name, code in asked.parameters().items() if name not in codes}
                found.append(
                    (f"/statistics?{urlencode({**codes, **kept}, safe=',')}", series_title(words, Asked(codes)))
                )
        return found


def _read(request: Request) -> Asked:
    """What the form asks for; empty fields are as if they were not there."""
    known = (*CODED, "from", "to", "release", "lang")
    for name in request.query_params:
        if name not in known:
            raise InvalidParameterError(name, f"There is no parameter {name[:60]!r}{nearest(name, known)}.")
    codes = {name: text for name in CODED if (text := request.query_params.get(name))}
    if "," in codes.get("indicator", ""):
        raise UnknownCodeError("indicator: choose one; several indicators do not go into one chart.")
    return Asked(codes, *(read_number(request, name) for name in ("from", "to", "release")))
