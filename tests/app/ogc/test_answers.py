"""Answers of the map engine: when it is asked again."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
from pathlib import Path

import pytest

from app.ogc.answers import Answers
from gis.mapserver.exceptions import ServiceException
from gis.mapserver.fastcgi import Answer, FastCGIClient


class Failing(FastCGIClient):
    """An engine whose database fails, and how often it was asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "none.sock")
        self.asked = 0

    async def get(self, query: str) -> Answer:
        self.asked += 1
        return Answer(200, {}, b"msPostGISLayerWhichShapes(): Query error.", "")


@pytest.mark.parametrize(("at_once", "times"), [(60.0, 3), (0.0, 1)], ids=["dead connection", "given up"])
def test_a_dead_connection_is_tried_again_and_a_statement_that_took_too_long_is_not(
    tmp_path: Path, at_once: float, times: int
) -> None:
    client = Failing(tmp_path)
    answers = Answers(client, attempts=3, at_once=at_once)
    with pytest.raises(ServiceException):
        asyncio.run(answers.ask("all.map", "", lambda _: False))
    assert client.asked == times
