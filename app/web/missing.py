"""The page for a code that is not there: what was asked, and the nearest that are."""

import difflib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.errors import UnknownCodeError
from app.web.frame import Frame
from app.web.words import Words

_NEAREST = 5
_ALIKE = 0.4


class Missing:
    """Answers 404 in the reader's language, to programs as a problem document."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def answer(self, request: Request, kind: str, asked: str, known: Mapping[str, str]) -> Response:
        """The page. kind: folder of the pages; known: labels by code. Raises UnknownCodeError for a program."""
        near = nearest_codes(asked, known)
        if "text/html" not in request.headers.get("accept", ""):
            told = f" (did you mean {near[0]!r}?)" if near else ""
            raise UnknownCodeError(f"There is no page {asked[:60]!r} among {kind}{told}.")

        async def values(words: Words) -> Mapping[str, Any]:
            say = words.country if kind == "countries" else words.commodity
            return {"asked": asked[:60], "kind": kind, "near": [(code, say(code)) for code in near]}

        return await self._frame.page(request, "missing.html", values, 404)


def nearest_codes(asked: str, known: Mapping[str, str]) -> list[str]:
    """Codes that are spelt like what was asked, or whose labels are; the nearest first."""
    wanted = asked.casefold()
    alike: dict[str, float] = {}
    for code, label in known.items():
        ratios = [difflib.SequenceMatcher(None, wanted, text.casefold()).ratio() for text in (code, label)]
        alike[code] = max(ratios)
    ranked = sorted(alike, key=lambda code: (-alike[code], code))
    return [code for code in ranked[:_NEAREST] if alike[code] >= _ALIKE]
