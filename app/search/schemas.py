"""What a search answers."""

from pydantic import BaseModel

from app.search.finder import Group, Result
from app.search.highlights import spans
from app.search.terms import Match


class ResultOut(BaseModel):
    """One thing found. title: its own name; name: the one that fits, in a language (BCP 47, empty where not known).

    similar: the name is like what was asked for and does not hold it. highlights: start and end, in characters of name,
    of what was asked for.
    """

    kind: str
    id: str
    title: str
    name: str
    language: str
    detail: str
    href: str
    similar: bool
    highlights: list[tuple[int, int]]


class GroupOut(BaseModel):
    """The results of one kind. matched: how many there are; more: there are more than that."""

    kind: str
    matched: int
    more: bool
    results: list[ResultOut]


class SearchOut(BaseModel):
    """What was found, by kind, the kind with the best result first."""

    query: str
    groups: list[GroupOut]


class SuggestionsOut(BaseModel):
    """The best results of all kinds."""

    query: str
    suggestions: list[ResultOut]


def result_out(result: Result, query: str) -> ResultOut:
    """A result as it is answered."""
    return ResultOut(
        kind=result.kind,
        id=result.key,
        title=result.title,
        name=result.name,
        language=result.language,
        detail=" · ".join(result.details),
        href=result.href,
        similar=result.match is Match.ALIKE,
        highlights=spans(result.name, query),
    )


def group_out(group: Group, query: str) -> GroupOut:
    """A group as it is answered."""
    results = [result_out(one, query) for one in group.results]
    return GroupOut(kind=group.kind, matched=group.matched, more=group.more, results=results)
