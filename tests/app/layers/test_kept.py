"""Answers kept until the next publication."""

# SPDX-License-Identifier: Apache-2.0

import asyncio

from app.layers.kept import Kept


def test_a_body_is_made_once_a_version_and_key() -> None:
    kept, made = Kept(), []

    async def asked(version: str, key: str) -> bytes:
        def make() -> str:
            made.append((version, key))
            return f"{key} of {version}"

        return await kept.body(version, key, make)

    async def ask_all() -> list[bytes]:
        return [await asked(*one) for one in (("1", "a"), ("1", "a"), ("1", "b"), ("2", "a"), ("2", "a"))]

    assert asyncio.run(ask_all()) == [b"a of 1", b"a of 1", b"b of 1", b"a of 2", b"a of 2"]
    assert made == [("1", "a"), ("1", "b"), ("2", "a")]


def test_a_body_too_large_to_keep_is_answered_all_the_same() -> None:
    kept = Kept(most_bytes=400)
    assert asyncio.run(kept.body("1", "a", lambda: b"x" * 1000)) == b"x" * 1000
