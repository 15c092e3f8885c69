"""Pictures of charts, drawn on the server without a browser."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from babel import Locale
from starlette.concurrency import run_in_threadpool

from app.web.charts.drawings import Specification

_VEGA_LITE = "6.4"  # the newest that vl-convert has; the specifications use nothing of a later one
_SCALE = 2  # pixels of a PNG for each of the chart
_AT_ONCE = 2
"""So many charts are drawn at a time: more would only wait for the processor, each with its own memory."""


class Pictures:
    """Draws specifications of charts."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def svg(self, specification: Specification, locale: Locale) -> bytes:
        """The chart as SVG."""
        return str(await self._drawn(_svg, specification, number_format(locale))).encode()

    async def png(self, specification: Specification, locale: Locale) -> bytes:
        """The chart as PNG, at twice its size for screens and print."""
        return bytes(await self._drawn(_png, specification, number_format(locale)))

    async def _drawn(self, draw: Callable[..., Any], *values: object) -> Any:
        async with self._free:
            return await run_in_threadpool(partial(draw, *values))


def number_format(locale: Locale) -> dict[str, object]:
    """How a locale writes numbers, as Vega wants it told (d3-format)."""
    symbols = locale.number_symbols["latn"]
    return {"decimal": symbols["decimal"], "thousands": symbols["group"], "grouping": [3], "currency": ["", ""]}


def _svg(specification: Specification, numbers: dict[str, object]) -> str:
    import vl_convert  # noqa: PLC0415  (its engine takes a second and much memory, which most processes need not)

    return str(vl_convert.vegalite_to_svg(specification, vl_version=_VEGA_LITE, format_locale=numbers))


def _png(specification: Specification, numbers: dict[str, object]) -> bytes:
    import vl_convert  # noqa: PLC0415

    return bytes(vl_convert.vegalite_to_png(specification, vl_version=_VEGA_LITE, scale=_SCALE, format_locale=numbers))
