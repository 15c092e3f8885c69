"""The least a Python server can do: Starlette, a psycopg pool and one SQL statement that builds the whole answer.

No links, no counts, no checks: what is left of the product's time above this is the product's own. The statements
come in BENCH_SQL_PAGE and BENCH_SQL_BOX, with places for after, limit and the sides of the box; the database in
BENCH_DATABASE.
"""

import contextlib
import os
from collections.abc import AsyncIterator

from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_POOL = AsyncConnectionPool(
    os.environ["BENCH_DATABASE"], min_size=4, max_size=8, open=False, kwargs={"autocommit": True}
)
_PAGE, _BOX = os.environ["BENCH_SQL_PAGE"], os.environ["BENCH_SQL_BOX"]


async def items(request: Request) -> Response:
    """A page of features."""
    asked = request.query_params
    values: dict[str, object] = {"limit": int(asked["limit"]), "after": int(asked.get("cursor", "0"))}
    if "bbox" in asked:
        values |= zip(("west", "south", "east", "north"), map(float, asked["bbox"].split(",")), strict=True)
    async with _POOL.connection() as connection:
        cursor = connection.cursor(binary=True)
        await cursor.execute(_BOX if "bbox" in asked else _PAGE, values)
        row = await cursor.fetchone()
    return Response(row[0] if row else b"", media_type="application/geo+json")


@contextlib.asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    await _POOL.open()
    yield
    await _POOL.close()


app = Starlette(routes=[Route("/items", items)], lifespan=_lifespan)
