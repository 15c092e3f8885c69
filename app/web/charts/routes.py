"""GET /charts/{id}: a chart as SVG and PNG, its values as CSV, its Vega-Lite specification."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.statistics.figures import Figures
from app.web.charts.answer import Answer, Asked
from app.web.charts.drawings import Look, Scheme, Specification
from app.web.charts.pictures import Pictures, number_format
from app.web.charts.registry import Chart, chart_of
from app.web.charts.shown import SIZES, Place, Shown, rows_address
from app.web.kept_pages import KeptPages
from app.web.languages import Language, Languages, message
from app.web.words import Words
from gis.declaration import nearest
from gis.errors import InvalidParameterError

_NAMED = ("indicator", "country", "commodity", "content", "year", "value", "unit")
COLUMNS = (*_NAMED, "state", "precision", "observations", "release", "rows")
"""Columns of a chart's values as CSV."""

Format = Literal["svg", "png", "csv", "vl.json"]
_MEDIA_TYPES: Mapping[str, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "vl.json": "application/json",
}
_YEARS = range(1500, 2101)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks of a chart's picture. titled: with title, unit, source and release in the picture."""

    size: str
    scheme: Scheme
    titled: bool


class Charts:
    """Answers with charts, each drawn once for a release of the statistics."""

    def __init__(
        self, figures: Figures, languages: Languages, words: Callable[[Language], Words], kept: KeptPages
    ) -> None:
        self._figures = figures
        self._languages = languages
        self.words = words
        self._kept = kept
        self.pictures = Pictures()

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/charts/{name:str}", self.serve)]

    async def serve(self, request: Request) -> Response:
        """A chart in the format of its suffix."""
        name, _, suffix = request.path_params["name"].partition(".")
        chart = chart_of(name)
        if suffix not in get_args(Format):
            known = get_args(Format)
            told = f"A chart is there as {', '.join(known)}, not as {suffix[:20]!r}{nearest(suffix, known)}."
            raise InvalidParameterError("f", told)
        asked, wanted = read_asked(request, chart), _wanted(request)
        language = self._languages.of(request)

        async def make() -> bytes:
            shown = await self.shown(chart, asked, self.words(language))
            return await self._made(shown, suffix, wanted)

        answer = await self._kept.respond(request, language, make, _MEDIA_TYPES[suffix])
        if wanted.titled or suffix == "csv":
            answer.headers["Content-Disposition"] = f'attachment; filename="{chart.id}.{suffix}"'
        return answer

    async def shown(self, chart: Chart, asked: Asked, words: Words, place: Place = "third") -> Shown:
        """A chart for a page. Raises ConflictingFiguresError where its figures do not go together."""
        return Shown(chart, asked, await chart.question(self._figures, asked), words, place)

    async def _made(self, shown: Shown, suffix: str, wanted: Wanted) -> bytes:
        if suffix == "csv":
            return to_csv(shown.answer).encode()
        specification = draw(shown, wanted)
        locale = shown.words.language.locale
        if suffix == "svg":
            return await self.pictures.svg(specification, locale)
        if suffix == "png":
            return await self.pictures.png(specification, locale)
        return json.dumps({"specification": specification, "numbers": number_format(locale)}).encode()


def draw(shown: Shown, wanted: Wanted) -> Specification:
    """The Vega-Lite specification of a chart."""
    width, height = shown.width(wanted.size), shown.height(wanted.size)
    notes = _notes(shown, width) if wanted.titled else ()
    if wanted.titled:
        height += 40 + 14 * len(notes)
    title = shown.title if wanted.titled else ""
    return shown.chart.draw(shown.answer, Look(shown.words, width, height, wanted.scheme, title, notes))


def to_csv(answer: Answer) -> str:
    """The values of a chart, each with the address of its rows."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    release = answer.release.number if answer.release else ""
    for one in answer.points:
        codes = (one.indicator, one.country, one.commodity, one.content, one.year)
        told = (one.state.value, one.precision or "", one.observations, release, rows_address(one, answer.unit))
        lines.writerow([*codes, one.value, answer.unit, *told])
    return written.getvalue()


def read_asked(request: Request, chart: Chart) -> Asked:
    """What a request asks a chart for. Raises InvalidParameterError for a parameter that it has not."""
    known = (*chart.parameters, "from", "to", "release", "lang", "size", "scheme", "titled")
    for name in request.query_params:
        if name not in known:
            raise InvalidParameterError(name, f"There is no parameter {name[:60]!r}{nearest(name, known)}.")
    for name in chart.required:
        if not request.query_params.get(name):
            raise InvalidParameterError(name, f"The chart {chart.id} needs the parameter {name}.")
    codes = {name: text for name in chart.parameters if (text := request.query_params.get(name))}
    return Asked(codes, *(read_number(request, name) for name in ("from", "to", "release")))


def read_number(request: Request, name: str) -> int | None:
    """A year or the number of a release. Raises InvalidParameterError."""
    text = request.query_params.get(name)
    if not text:
        return None
    right = range(1, 10**9) if name == "release" else _YEARS
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) in right):
        raise InvalidParameterError(name, f"{name}: a whole number from {right[0]} to {right[-1]}, not {text[:20]!r}.")
    return int(text)


def _wanted(request: Request) -> Wanted:
    size = _chosen(request, "size", tuple(SIZES), "large")
    scheme: Scheme = "dark" if _chosen(request, "scheme", ("light", "dark"), "light") == "dark" else "light"
    return Wanted(size, scheme, _chosen(request, "titled", ("false", "true"), "false") == "true")


def _chosen(request: Request, name: str, known: tuple[str, ...], usual: str) -> str:
    value = request.query_params.get(name, usual)
    if value not in known:
        raise InvalidParameterError(name, f"{name}: {value[:20]!r} is none of {', '.join(known)}.")
    return value


def _notes(shown: Shown, width: int) -> tuple[str, ...]:
    """Unit, source and release as lines under a title."""
    text = shown.words.language.text
    told = [f"{text(message('Unit'))}: {shown.unit}"] if shown.unit else []
    told += [f"{text(message('Source'))}: {source}" for source in shown.answer.sources[:3]]
    if len(shown.answer.sources) > 3:
        told.append(text(message("and %(count)s more sources"), count=len(shown.answer.sources) - 3))
    if shown.answer.release:
        told.append(text(message("AMDIS, statistics, release %(number)s"), number=shown.answer.release.number))
    longest = max(width // 6, 20)
    return tuple(line if len(line) <= longest else line[: longest - 1] + "…" for line in told)
