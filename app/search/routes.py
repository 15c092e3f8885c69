"""GET /api/v1/search and its suggestions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.problems import PROBLEMS
from app.search.finder import Search
from app.search.query import LONGEST, read_query
from app.search.schemas import SearchOut, SuggestionsOut, group_out, result_out
from app.search.terms import Sort

PATH = "/api/v1/search"

_FRESH = {"Cache-Control": "no-cache"}


def _search(request: Request) -> Search:
    found: Search = request.app.state.search
    return found


async def _query(
    q: Annotated[str, Query(description=f"What to look for: at most {LONGEST} characters.", examples=["timah"])],
) -> str:
    return read_query(q)


_Search = Annotated[Search, Depends(_search)]
_Asked = Annotated[str, Depends(_query)]

router = APIRouter(prefix="/search", tags=["Search"], responses=PROBLEMS)


@router.get("", summary="Everything that is published, by name")
async def search(
    query: _Asked,
    found: _Search,
    response: Response,
    kind: Annotated[Sort | None, Query(description="Only results of this kind.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Results of each kind.")] = 10,
) -> SearchOut:
    """Names in all languages, without regard to accents and case; names that are alike where few hold what is asked."""
    response.headers.update(_FRESH)
    groups = await found.groups(query, kind, limit)
    return SearchOut(query=query, groups=[group_out(one, query) for one in groups])


@router.get("/suggest", summary="Suggestions while one types")
async def suggest(
    query: _Asked, found: _Search, response: Response, limit: Annotated[int, Query(ge=1, le=20)] = 8
) -> SuggestionsOut:
    """The best results of all kinds."""
    response.headers.update(_FRESH)
    results = await found.suggestions(query, limit)
    return SuggestionsOut(query=query, suggestions=[result_out(one, query) for one in results])
