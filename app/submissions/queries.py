"""Submissions and how many drafts they have, as far as the asking person's connection lets them be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.access.models import Person
from app.db.base import table_of
from app.errors import InvalidInputError, ThingNotFoundError
from app.releases.models import Submission
from app.releases.states import State, partition
from app.rights.policies import Stage

_S, _P = table_of(Submission), table_of(Person)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which submissions are asked for. layers: those that may be read, None is all. after: the cursor of the page
    before.
    """

    state: Stage | None = None
    layers: frozenset[str] | None = None
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Submissions:
    """A page of submissions, how many there are in all, and the cursor of the next page."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    next: str | None


def submissions(
    connection: sa.Connection,
    tables: Mapping[str, sa.Table],
    asked: Asked,
) -> Submissions:
    """A page of submissions, the newest first. tables: of the layers by id. Raises InvalidInputError for a cursor that
    is none.
    """
    conditions = _of_layers(asked.layers) + ([_S.c.stage == asked.state.value] if asked.state else [])
    total = connection.execute(sa.select(sa.func.count()).select_from(_S).where(*conditions)).scalar_one()
    further = [_S.c.id < _cursor(asked.after)] if asked.after else []
    page = _submissions().where(*conditions, *further).order_by(_S.c.id.desc()).limit(asked.limit + 1)
    rows = connection.execute(page).mappings().all()
    shown = rows[: asked.limit]
    counts = _drafts(connection, tables, shown)
    following = str(shown[-1]["id"]) if len(rows) > asked.limit else None
    return Submissions([{**row, "rows": counts.get(row["id"], 0)} for row in shown], total, following)


def submission(
    connection: sa.Connection, tables: Mapping[str, sa.Table], number: int, layers: frozenset[str] | None = None
) -> dict[str, Any]:
    """A submission, of layers that may be read (None is all). Raises ThingNotFoundError also for one that is not to be
    seen.
    """
    wanted = _submissions().where(_S.c.id == number, *_of_layers(layers))
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise ThingNotFoundError(f"There is no submission {number}.")
    return {**row, "rows": _drafts(connection, tables, [row]).get(number, 0)}


def _submissions() -> sa.Select[Any]:
    named = (_S.c.id, _S.c.title, _S.c.layer, _S.c.country, _S.c.stage.label("state"), _S.c.submitted_at)
    return sa.select(*named, _P.c.name.label("holder")).outerjoin(_P, _P.c.id == _S.c.person_id)


def _of_layers(layers: frozenset[str] | None) -> list[sa.ColumnElement[bool]]:
    return [] if layers is None else [_S.c.layer.in_(sorted(layers))]


def _drafts(
    connection: sa.Connection, tables: Mapping[str, sa.Table], rows: Sequence[sa.RowMapping]
) -> Mapping[int, int]:
    """How many drafts submissions have, in the tables of their layers, or in all if they are of several."""
    layers = {row["layer"] for row in rows}
    asked = tables if None in layers else {name: table for name, table in tables.items() if name in layers}
    counts: dict[int, int] = {}
    for table in asked.values():
        number = sa.column("submission_id", sa.BigInteger)
        drafts = sa.table(partition(table, State.DRAFT), number, schema=table.schema)
        counted = sa.select(number, sa.func.count()).select_from(drafts).group_by(number)
        for submission, count in connection.execute(counted.where(number.in_([row["id"] for row in rows]))):
            counts[submission] = counts.get(submission, 0) + count
    return counts


def _cursor(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInputError("cursor", "cursor is not one of a page before.")
    return int(text)
