"""Maps and tiles in memory: made once for all who ask at the same time, and not kept when they failed."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.ogc.made_once import MadeOnce


class Maker:
    """Makes a value when it is let, and counts how often it was asked to."""

    def __init__(self, value: bytes) -> None:
        self.value = value
        self.asked = 0
        self.go_on = asyncio.Event()

    async def __call__(self) -> bytes:
        self.asked += 1
        await self.go_on.wait()
        return self.value


def run(check: Callable[[MadeOnce[str, bytes]], Awaitable[None]]) -> None:
    async def checked() -> None:
        await check(MadeOnce(most_bytes=100, size=len, largest=50))

    asyncio.run(asyncio.wait_for(checked(), 10))


def test_many_who_ask_at_once_wait_for_one_making() -> None:
    async def check(made: MadeOnce[str, bytes]) -> None:
        make = Maker(b"tile")
        asking = [asyncio.create_task(made.get("a", make)) for _ in range(20)]
        await asyncio.sleep(0)
        make.go_on.set()
        assert await asyncio.gather(*asking) == [b"tile"] * 20
        assert await made.get("a", make) == b"tile"
        assert (make.asked, made.statistics) == (1, {"hits": 1, "misses": 20})

    run(check)


def test_one_who_leaves_takes_it_from_nobody_else() -> None:
    async def check(made: MadeOnce[str, bytes]) -> None:
        make = Maker(b"tile")
        first, second = (asyncio.create_task(made.get("a", make)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        make.go_on.set()
        assert (await second, make.asked) == (b"tile", 1)

    run(check)


def test_an_empty_tile_is_kept_too() -> None:
    async def check(made: MadeOnce[str, bytes]) -> None:
        make = Maker(b"")
        make.go_on.set()
        assert [await made.get("a", make) for _ in range(2)] == [b"", b""]
        assert make.asked == 1

    run(check)


def test_what_failed_is_made_again() -> None:
    async def check(made: MadeOnce[str, bytes]) -> None:
        async def fail() -> bytes:
            raise OSError("no map process")

        make = Maker(b"tile")
        make.go_on.set()
        with pytest.raises(OSError, match="no map process"):
            await made.get("a", fail)
        assert await made.get("a", make) == b"tile"

    run(check)


def test_what_is_too_large_pushes_nothing_out() -> None:
    async def check(made: MadeOnce[str, bytes]) -> None:
        small, large = Maker(b"s" * 40), Maker(b"l" * 51)
        small.go_on.set()
        large.go_on.set()
        await made.get("small", small)
        for _ in range(2):
            assert len(await made.get("large", large)) == 51
        await made.get("small", small)
        assert (small.asked, large.asked) == (1, 2)

    run(check)
