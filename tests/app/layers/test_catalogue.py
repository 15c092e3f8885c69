"""The catalogue of a process keeps up with what is published, whatever comes between."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.db.pool import Connection, PublicReads, T
from app.db.roles import DatabaseUrls
from app.errors import QueryTooSlowError
from app.layers import catalogue as module
from app.layers.catalogue import Catalogue, Snapshot
from app.layers.declarations import read_declarations
from tests.app.releases.region import load, mine

PATIENCE = 60  # seconds


class Held(PublicReads):
    """Reads of which the first has its answer, and does not give it before it is let."""

    def __init__(self, urls: DatabaseUrls) -> None:
        super().__init__(urls.public)
        self.has_read, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        answer = await super().__call__(read)
        if not self.has_read.is_set():
            self.has_read.set()
            await self.go_on.wait()
        return answer


class Slow(PublicReads):
    """Reads of which the first takes too long."""

    def __init__(self, urls: DatabaseUrls) -> None:
        super().__init__(urls.public)
        self.stopped = False

    async def __call__(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        if not self.stopped:
            self.stopped = True
            raise QueryTooSlowError
        return await super().__call__(read)


def test_what_was_read_before_a_publication_does_not_undo_what_was_read_after(
    fresh_urls: DatabaseUrls, tmp_path: Path
) -> None:
    async def refresh_twice() -> int:
        reads = Held(fresh_urls)
        await reads.open()
        catalogue = Catalogue(read_declarations(), reads)
        first = asyncio.create_task(catalogue.refresh())
        await reads.has_read.wait()
        await asyncio.to_thread(load, fresh_urls, tmp_path / "region", [mine("a"), mine("b")])
        second = asyncio.create_task(catalogue.refresh())
        # Time enough for the second to end first, if it could.
        await asyncio.wait([second], timeout=1)
        reads.go_on.set()
        await asyncio.gather(first, second)
        await reads.close()
        return catalogue.state("mines").count

    load(fresh_urls, tmp_path / "region", [mine("a")])
    assert asyncio.run(asyncio.wait_for(refresh_twice(), PATIENCE)) == 2


def test_a_read_that_took_too_long_does_not_end_the_listening(
    fresh_urls: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RETRY", 0.01)

    async def follow() -> bool:
        reads = Slow(fresh_urls)
        await reads.open()
        catalogue = Catalogue(read_declarations(), reads)
        listening = asyncio.create_task(catalogue.keep_fresh(fresh_urls.public))
        while not (catalogue.state("mines").count or listening.done()):
            await asyncio.sleep(0.05)
        listens = not listening.done()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await reads.close()
        return listens

    load(fresh_urls, tmp_path / "region", [mine("a")])
    assert asyncio.run(asyncio.wait_for(follow(), PATIENCE))


def test_a_release_that_cannot_be_taken_up_does_not_end_the_listening(
    fresh_urls: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RETRY", 0.01)

    def refuse(snapshot: Snapshot) -> None:
        if snapshot.states["mines"].count == 1:
            raise ValueError("no style draws it")

    async def follow() -> None:
        reads = PublicReads(fresh_urls.public)
        await reads.open()
        catalogue = Catalogue(read_declarations(), reads)
        catalogue.watch(refuse)
        listening = asyncio.create_task(catalogue.keep_fresh(fresh_urls.public))
        while catalogue.state("mines").count != 1 and not listening.done():
            await asyncio.sleep(0.05)
        await asyncio.to_thread(load, fresh_urls, tmp_path / "region", [mine("a"), mine("b")])
        while catalogue.state("mines").count != 2:
            assert not listening.done()
            await asyncio.sleep(0.05)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await reads.close()

    load(fresh_urls, tmp_path / "region", [mine("a")])
    asyncio.run(asyncio.wait_for(follow(), PATIENCE))
