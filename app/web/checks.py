"""The checks of plausibility as a page: what each compares, what it doubts, and what it could not compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.parameters import check_known
from app.statistics.figures import PATH as API
from app.statistics.plausibility.doubts import Amount, Check, Code, Judged, Part, Say, Told
from app.statistics.plausibility.registry import CHECKS
from app.web.charts.registry import within
from app.web.choices import Choice
from app.web.facts import Fact
from app.web.frame import Frame
from app.web.pages import capitalised
from app.web.words import Words

PATH = "/statistics/checks"

MOST_SHOWN = 50
"""So many doubts of a check are on the page; the CSV file has all."""

_CHOSEN = ("commodity", "country")


@dataclass(frozen=True, slots=True)
class DoubtShown:
    """A doubt in words. facts: the figures it is about."""

    text: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class CheckShown:
    """A check with what it found. left_out: reasons with how often; csv: address of all doubts."""

    check: Check
    compared: int
    matched: int
    doubts: Sequence[DoubtShown]
    left_out: Sequence[tuple[str, int]]
    csv: str


class ChecksPage:
    """``/statistics/checks``"""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route(PATH, self.serve)]

    async def serve(self, request: Request) -> Response:
        """All checks over the figures of the form's commodity and country. Raises UnknownCodeError."""
        check_known(request, (*_CHOSEN, "lang"))
        codes = {name: code for name in _CHOSEN if (code := request.query_params.get(name))}
        selection = await self._frame.figures.selection(codes, (None, None), None)

        async def values(words: Words) -> Mapping[str, Any]:
            found = await self._frame.figures.judged(selection)
            return {
                "choices": await self._choices(words, codes),
                "checks": [_shown(check, found[check.id], words, codes) for check in CHECKS],
                "release": await self._frame.figures.release(None),
                "json": _address(codes),
            }

        return await self._frame.page(request, "checks.html", values)

    async def _choices(self, words: Words, codes: Mapping[str, str]) -> list[Choice]:
        contents = await self._frame.figures.contents()
        commodities = sorted(contents.get("commodity", {}), key=words.commodity)
        listed = {"commodity": (commodities, words.commodity), "country": ([*words.cube.members], words.country)}
        return [
            Choice(name, [(code, capitalised(say(code))) for code in found], codes.get(name, ""))
            for name, (found, say) in listed.items()
        ]


def _shown(check: Check, found: Judged, words: Words, codes: Mapping[str, str]) -> CheckShown:
    say, text = _say(words), words.language.text
    doubts = [
        DoubtShown(capitalised(one.text(say, text(one.message))), [Fact(row, words) for row in one.figures])
        for one in found.doubts[:MOST_SHOWN]
    ]
    left_out = sorted(found.left_out.items(), key=lambda pair: -pair[1])
    csv = _address({**codes, "check": check.id, "f": "csv"})
    return CheckShown(check, found.compared, len(found.doubts), doubts, left_out, csv)


def _say(words: Words) -> Say:
    """Says the values of a message in a language."""

    def say(value: Told) -> str:
        if isinstance(value, Amount):
            return words.value(float(f"{value.value:.4g}") if value.value < 1000 else round(value.value), value.unit)
        if isinstance(value, Part):
            return words.language.percent(value.value)
        if not isinstance(value, Code):
            return str(value)
        if value.dimension == "indicator":
            return within(words.indicator(value.code))
        return words.commodity(value.code) if value.dimension == "commodity" else words.country(value.code)

    return say


def _address(parameters: Mapping[str, str]) -> str:
    return f"{API}/checks" + (f"?{urlencode(parameters)}" if parameters else "")
