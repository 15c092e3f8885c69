"""The SQL that answers what is asked of a layer: the page of a selection, its size, its rows."""

# SPDX-License-Identifier: Apache-2.0

from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from gis import tallies
from gis.asked import Columns, Query, boxes_of, in_box
from gis.filters import Conjunct
from gis.filters.arrays import of_single_rows
from gis.geojson import feature_text, geometry_in
from gis.layer import Layer
from gis.paging import behind, keyset, order_by
from gis.runs import KEYS, PIECE, covered, in_order, runs, share
from gis.statement import columns_in, constant, value

BOUND = 100_000
"""Matching features up to which their number is counted, unless the layer is large; past it, it is estimated."""

STRETCH = 50_000
"""Rows among which a page of a large selection is looked for first."""

# Columns that stand beside a layer's fields, so named that no field can be.
_OURS = "page "
_PLACE, _KEY, _SORTED = f"{_OURS}place", f"{_OURS}key", f"{_OURS}sort"

_PUBLISHED = "published"  # column with the time range in which a row was the public truth


class Selection:
    """The statements of one query. values: what they bind. kind: queries of the same kind have the same statements.

    columns: of the layer, made once by `columns`. Nothing of SQL is made before a statement is asked for.
    """

    def __init__(self, layer: Layer, columns: Columns, query: Query) -> None:
        self._layer = layer
        self.query = query
        self._columns = columns
        self._key = columns[layer.key_field]
        self._boxes, self.values = boxes_of(query.bbox)
        for one in query.filters:
            self.values |= one.values
        if query.after is not None:
            self.values |= keyset(query.after)
        if query.limit is not None:
            self.values |= {"limit": query.limit, "fetch": query.limit + 1}
        if query.as_of is not None:
            self.values["as_of"] = query.as_of
        self.kind = (
            self._boxes,
            tuple(one.shape for one in query.filters),
            tuple(one.text for one in query.sort),
            None if query.after is None else tuple(one is None for one in query.after.values),
            (query.output.properties, query.output.geometry, query.output.crs.uri),
            query.as_of is None,
            query.limit is None,
        )

    @cached_property
    def has_runs(self) -> bool:
        """Whether numbers can be estimated from runs."""
        known = self._layer.run_table is not None and self._layer.place_field is not None
        return known and self.query.as_of is None

    @property
    def is_kept(self) -> bool:
        """Whether texts are read as they are kept (gis.texts), not made from columns."""
        return self._layer.text_table is not None and self.query.output.is_whole and self.query.as_of is None

    @cached_property
    def is_keyed(self) -> bool:
        """Whether it is known what matches in a run, save for the box and further conditions."""
        return self.has_runs and bool(self._sought)

    @cached_property
    def is_by_runs(self) -> bool:
        """Whether a page is read run by run, in the order of the key; not where an index has it in that order."""
        if not self.has_runs or self.query.sort:
            return False
        in_order = self._listed is None and any(one.is_fixed for one in self._sought)
        return bool(self._boxes) or bool(self.query.filters and not in_order)

    @cached_property
    def is_one(self) -> bool:
        """Whether at most a few features can match, which an index knows by their identifiers."""
        return any(one.equated == self._layer.id_field for one in self._conjuncts)

    @cached_property
    def is_summed(self) -> bool:
        """Whether the number is a sum over runs, as only a box is asked for."""
        return self.has_runs and bool(self._boxes) and not self.query.sort and not self.query.filters

    @cached_property
    def is_tallied(self) -> bool:
        """Whether tallies tell how many match; in a box, about how many."""
        return self._tallied is not None and self.query.as_of is None and (self.has_runs or not self._boxes)

    @property
    def is_told_by_runs(self) -> bool:
        """Whether runs and tallies give a page and about how many match, in one statement."""
        return self.is_tallied and self.is_by_runs and bool(self._boxes)

    @property
    def is_exactly_tallied(self) -> bool:
        """Whether they tell the very number."""
        return self.is_tallied and not self._boxes

    @cached_property
    def _tallied(self) -> tuple[str, ColumnElement[bool]] | None:
        """The field that tallies tell the only condition by, and the condition on its value."""
        if self._layer.tally_table is None or len(self._conjuncts) != 1:
            return None
        return tallies.told_as(self._layer, self._conjuncts[0])

    @cached_property
    def _met(self) -> sa.CTE:
        """The runs that meet the box, all if there is none."""
        return runs(self._layer, self._boxes)

    @cached_property
    def _near(self) -> list[ColumnElement[bool]]:
        return [sa.or_(*(in_box(self._layer, self._columns, box) for box in self._boxes))] if self._boxes else []

    @cached_property
    def _filters(self) -> list[ColumnElement[bool]]:
        return [one.condition for one in self._conjuncts]

    @cached_property
    def _listed(self) -> Conjunct | None:
        """The condition, if any, on a list the keys of whose values are kept."""
        if not (self.has_runs and self._layer.tally_table):
            return None
        found = [one for one in self._conjuncts if one.equated in self._layer.listed_fields]
        return min(found, key=lambda one: not one.is_fixed, default=None)

    @cached_property
    def _sought(self) -> list[Conjunct]:
        """The condition, if any, of which it is known what matches in a run.

        It is told by the keys of a list's values, or by an index of a field's values in the order of the key.
        """
        if self._listed is not None:
            return [self._listed]
        keyed = [one for one in self._conjuncts if one.equated in self._layer.keyed_fields]
        return sorted(keyed, key=lambda one: not one.is_fixed)[:1]

    @cached_property
    def _checked(self) -> list[ColumnElement[bool]]:
        """The other conditions, as rows are checked that were found by their keys."""
        others = [one for one in self._conjuncts if not any(one is found for found in self._sought)]
        return [of_single_rows(one.condition) if one.is_fixed else one.condition for one in others]

    @cached_property
    def _conjuncts(self) -> list[Conjunct]:
        return [part for one in self.query.filters for part in one.conjuncts]

    @cached_property
    def _further(self) -> list[ColumnElement[bool]]:
        after = self.query.after
        return [] if after is None else [behind(after, self.query.sort, self._columns, self._key)]

    @cached_property
    def _sorted(self) -> list[ColumnElement[Any]]:
        return [self._columns[one.field.name] for one in self.query.sort]

    @cached_property
    def _order(self) -> list[Any]:
        return order_by(self.query.sort, self._columns, self._key)

    def page_of_hits(self, *, counts: bool) -> sa.Select[Any]:
        """The page of a selection of at most BOUND features: rows of number of all, place, key, text, sort values.

        The selection is looked up once, in a table of keys that number and page are both taken from: the planner cannot
        foresee how many rows a box holds, and must not choose a plan for whole rows by its guess. Texts go out as rows
        of their own: put together in the database they would be copied once more. One row of nulls when none match.
        counts: whether the number is asked for.
        """
        if self.is_summed:
            total = self._sum() if counts else sa.cast(sa.null(), sa.BigInteger)
            return _beside(sa.select(total.label("matched")).subquery("total"), self._page(*self._by_runs()))
        hits = sa.select(self._key, *self._sorted).select_from(self._source()).where(*self._near, *self._filters)
        if self.is_by_runs and self.is_keyed and self._boxes:
            hits, _ = self._by_runs(further=not counts)
        elif not counts:
            hits = hits.where(*self._further)
        if not self.query.is_counted:
            hits = hits.limit(constant(BOUND + 1))
        found = hits.cte("hits").prefix_with("MATERIALIZED")
        first = sa.select(self._key, *self._sorted).select_from(found).where(*(self._further if counts else []))
        number = sa.select((sa.func.count() if counts else sa.cast(sa.null(), sa.BigInteger)).label("matched"))
        matched = (number.select_from(found) if counts else number).subquery("total")
        return _beside(matched, self._page(first))

    def page_of_stretch(self) -> sa.Select[Any]:
        """What a page of a large selection has among the STRETCH rows that follow the cursor, in the order of the key.

        Most pages of a large selection are found there, whatever the planner believes of its conditions.
        """
        rows = sa.select(*self._columns.values()).select_from(self._source()).where(*self._further)
        stretch = rows.order_by(self._key).limit(constant(STRETCH)).subquery("stretch")
        page = self._page(sa.select(self._key).select_from(stretch).where(*self._near, *self._filters))
        return sa.select(sa.cast(sa.null(), sa.BigInteger).label("matched"), *page.c)

    def page_of_walk(self) -> sa.Select[Any]:
        """The page of a large selection: rows are read in their order until there are enough."""
        source, conditions = self._source(), [*self._near, *self._filters, *self._further]
        if self.is_by_runs:
            page = self._page(*self._by_runs())
        elif self._near and self._filters and not self.query.sort:
            # All keys in the box, from its index alone; of their rows only as many are read as the page takes.
            inside = sa.select(self._key.label("inside")).select_from(source).where(*self._near, *self._further)
            box = inside.order_by(self._key).offset(constant(0)).subquery("box")
            first = sa.select(box.c.inside.label(self._layer.key_field))
            first = first.select_from(source.join(box, self._key == box.c.inside)).where(*self._filters)
            page = self._page(first, [box.c.inside])
        else:
            page = self._page(sa.select(self._key, *self._sorted).select_from(source).where(*conditions))
        return sa.select(sa.cast(sa.null(), sa.BigInteger).label("matched"), *page.c)

    def sample(self) -> sa.Select[Any]:
        """How many features match in a sample of %(share)s percent of the rows."""
        table = sa.table(self._layer.table, schema=self._layer.schema)
        sample = sa.tablesample(table, sa.func.system(value("share", sa.Double)), seed=constant(1), name="sample")
        return sa.select(sa.func.count()).select_from(sample).where(*self._near, *self._filters)

    def share(self) -> sa.Select[Any]:
        """About how many features are in the box, from the runs that meet it alone."""
        about = self._met.c["run features"] * share(self._met, self._boxes)
        return sa.select(sa.func.coalesce(sa.func.sum(about), constant(0)))

    def tally(self, met: sa.CTE | None = None) -> sa.Select[Any]:
        """How many features match, from the tallies; in a box, about how many. Raises TypeError if they cannot tell."""
        if self._tallied is None:
            raise TypeError("no tally is of these conditions")
        if not self._boxes:
            return tallies.number_of(self._layer, *self._tallied)
        return tallies.number_in(self._layer, self._met if met is None else met, self._boxes, *self._tallied)

    def page_of_tallied(self, *, least: int) -> sa.Select[Any]:
        """The page of a box, about how many match beside each row; none of its rows if those are fewer than `least`.

        A statement for each size of a page: then its plan is good for any box, and need not be made for each.
        """
        met = runs(self._layer, self._boxes, of_many=True)
        number = self.tally(met).cte("tallied").prefix_with("MATERIALIZED")
        first, order = self._by_runs(met)
        is_worth = sa.select(number.c.matched >= constant(least)).scalar_subquery()
        page = self._page(first.where(is_worth), order, of_this_size=True)
        return _beside(sa.select(number.c.matched).subquery("total"), page)

    def spread(self) -> sa.Select[Any]:
        """A sample of about %(spread)s runs, spread evenly over those that meet the box.

        One row: how many features the sample is of, how many of them lie in the PIECE at the start of each run, how
        many of these have to be looked at to count what matches, and how many match.
        """
        run, features = self._chosen()
        found = self._in_run(run, run.c["run first"] + constant(PIECE - 1), sought=False)
        sought = [one.condition for one in self._sought]
        looked_at = sa.func.count().filter(sa.and_(sa.true(), *sought))
        hits = sa.func.count().filter(sa.and_(sa.true(), *sought, *self._inside(run)))
        counts = (sa.func.count().label("run found"), looked_at.label("run looked at"), hits.label("run hits"))
        each = sa.select(*counts).select_from(found).correlate(run).lateral("each")
        sums = (sa.func.sum(each.c[f"run {name}"]) for name in ("found", "looked at", "hits"))
        told: list[Any] = [sa.cast(sa.func.coalesce(one, constant(0)), sa.BigInteger) for one in (features, *sums)]
        return sa.select(*told).select_from(run.join(each, sa.true()))

    def _chosen(self) -> tuple[sa.Subquery, ColumnElement[Any]]:
        """The runs of the sample, and how many features all have that meet the box.

        Of all runs there may be very many: they are told apart by their keys, and their features are known.
        """
        met = self._met
        if not self._boxes:
            every = value("every", sa.BigInteger)
            chosen = sa.select(met, sa.true().label("run covered")).where(
                (met.c["run first"] // constant(KEYS)) % every == constant(0)
            )
            return chosen.offset(constant(0)).subquery("run"), value("total", sa.BigInteger)
        place = sa.func.row_number().over(order_by=met.c["run first"])
        is_covered = covered(met, self._boxes).label("run covered")
        numbered = sa.select(met, is_covered, place.label("run place")).subquery("run")
        count = sa.select(sa.func.count()).select_from(met).scalar_subquery()
        features = sa.select(sa.func.sum(met.c["run features"])).scalar_subquery()
        step = sa.func.greatest(constant(1), count // value("spread", sa.BigInteger))
        chosen = sa.select(numbered).where(numbered.c["run place"] % step == constant(0))
        return chosen.offset(constant(0)).subquery("run"), features

    def rows(self) -> sa.Select[Any]:
        """The features themselves: the public fields, then the geometry as WKB, easting or longitude first."""
        output = self.query.output
        wanted = output.properties
        fields = (self._columns[f.name] for f in self._layer.public_fields if wanted is None or f.name in wanted)
        moved = geometry_in(self._columns[self._layer.geometry_field], output.crs, by_register=False)
        shape = [sa.func.ST_AsBinary(moved).label(self._layer.geometry_field)] if output.geometry else []
        rows = sa.select(*fields, *shape).select_from(self._source())
        rows = rows.where(*self._near, *self._filters, *self._further).order_by(*self._order)
        return rows if self.query.limit is None else rows.limit(value("limit", sa.Integer))

    def feature(self) -> sa.Select[Any]:
        """The text of the feature of an %(identifier)s."""
        is_it = self._columns[self._layer.id_field] == value("identifier", sa.Text)
        one = sa.select(self._key).select_from(self._source()).where(is_it).limit(constant(1)).subquery("one")
        key = one.c[self._layer.key_field]
        found = self._with_text(sa.select(key.label(_PLACE), key.label(_KEY)).select_from(one).subquery("placed"))
        return sa.select(found.c.geojson)

    def _sum(self) -> ColumnElement[int]:
        """How many features are in the box: those of the runs in it, and of those at its edge the ones inside."""
        met = in_order(self._met, self._boxes)
        each = sa.case((met.c["run covered"], met.c["run features"]), else_=self._hits(met))
        return sa.select(sa.cast(sa.func.coalesce(sa.func.sum(each), constant(0)), sa.BigInteger)).scalar_subquery()

    def _hits(self, met: sa.FromClause) -> ColumnElement[int]:
        """How many features of one run match."""
        hit = self._lateral(met, further=False).lateral("hit")
        return sa.select(sa.func.count()).select_from(hit).correlate(met).scalar_subquery()

    def _by_runs(self, met: sa.CTE | None = None, *, further: bool = True) -> tuple[sa.Select[Any], list[Any]]:
        """Keys of what matches, run by run, and the order they come in, so that a page is no more than its runs.

        further: only those behind the cursor.
        """
        if met is None:
            is_behind = further and self.query.after is not None
            met = runs(self._layer, self._boxes, after=True) if is_behind else self._met
        ordered = in_order(met, self._boxes)
        row = self._lateral(ordered, further=further).lateral("row")
        key = row.c[self._layer.key_field]
        return sa.select(key).select_from(ordered.join(row, sa.true())), [ordered.c["run first"], key]

    def _lateral(self, met: sa.FromClause, *, further: bool) -> sa.Select[Any]:
        """Keys of what matches in one run, in their order."""
        behind = self._further if further else []
        if self._listed is None:
            found = self._in_run(met, met.c["run last"], *behind)
            conditions = self._inside(met)
        else:
            found = tallies.keys_in(self._layer, met, self._listed).lateral("found")
            conditions = [*behind, *self._of_rows(met, found)]
        key = found.c[self._layer.key_field]
        return sa.select(key).where(*conditions).order_by(key).offset(constant(0)).correlate(met)

    def _of_rows(self, met: sa.FromClause, found: sa.FromClause) -> list[ColumnElement[bool]]:
        """What the rows of keys in a run must hold; they are looked up only where that is in question.

        OFFSET 0: each by its key; the planner would rather read all rows of the box once.
        """
        if not (self._boxes or self._checked):
            return []
        it = sa.select(constant(1)).select_from(self._source()).where(self._key == found.c[self._layer.key_field])
        it = it.offset(constant(0)).correlate(met, found)
        if self._checked:
            return [it.where(*self._inside(met)).exists()]
        return [sa.or_(met.c["run covered"], it.where(*self._near).exists())]

    def _in_run(
        self, met: sa.FromClause, last: ColumnElement[int], *further: ColumnElement[bool], sought: bool = True
    ) -> LateralFromClause:
        """The rows of one run, of its keys up to the last. sought: only those that an index has for what is asked.

        OFFSET 0: the rows of a run are always found by their keys. The planner takes a run for a two-hundredth of the
        layer, and would look the box up once more for each.
        """
        conditions = [self._key.between(met.c["run first"], last), *further]
        known = [one.condition for one in self._sought]
        conditions += known if sought else []
        read = self._checked if sought else [*known, *self._checked]
        names = {self._layer.key_field, self._layer.place_field, *columns_in(read)}
        rows = sa.select(*(self._columns[name] for name in self._columns if name in names))
        rows = rows.select_from(self._source()).where(*conditions).order_by(self._key)
        return rows.offset(constant(0)).correlate(met).lateral("found")

    def _inside(self, met: sa.FromClause) -> list[ColumnElement[bool]]:
        """What rows found in a run must hold: that they are in the box, and what is not known of them yet."""
        inside = [sa.or_(met.c["run covered"], *self._near)] if self._boxes else []
        return [*inside, *self._checked]

    def _page(
        self, first: sa.Select[Any], order: list[Any] | None = None, *, of_this_size: bool = False
    ) -> sa.Subquery:
        """Place, key, text and sort values of the rows of a page; its rows are in no order.

        of_this_size: its limit is part of the statement.
        """
        sort = self.query.sort
        cut = first.order_by(*(order or self._order))
        if self.query.limit is not None:
            cut = cut.limit(constant(self.query.limit + 1) if of_this_size else value("fetch", sa.Integer))
        # Materialized: a plan that came back to the page for each text would read its rows as often.
        named = cut.cte("first").prefix_with("MATERIALIZED").c
        key = named[self._layer.key_field]
        # Numbered after the cut: PostgreSQL numbers rows before it sorts them.
        place = sa.func.row_number().over(order_by=order_by(sort, dict(named), key)) if sort else key
        kept = [named[one.field.name].label(f"{_SORTED} {number}") for number, one in enumerate(sort)]
        return self._with_text(sa.select(place.label(_PLACE), key.label(_KEY), *kept).subquery("placed"))

    def _with_text(self, found: sa.Subquery) -> sa.Subquery:
        """Place, key, text and whatever else was found of features, its columns named as no field is."""
        output = self.query.output
        if self.is_kept:
            texts = _texts(self._layer)
            rows: sa.FromClause = found.join(texts, texts.c.number == found.c[_KEY])
            text: ColumnElement[bytes] = texts.c.geojson
        else:
            whole = sa.select(*found.c, *self._columns.values())
            found = whole.select_from(self._source().join(found, self._key == found.c[_KEY])).subquery("feature")
            text, properties = feature_text(self._layer, found, output)
            rows = found.join(properties, sa.true())
        names = [name for name in found.c.keys() if name.startswith(_OURS)]  # noqa: SIM118  (not a mapping)
        placed, key, *kept = (found.c[name] for name in names)
        return sa.select(placed, key, text.label("geojson"), *kept).select_from(rows).subquery("page")

    def _source(self) -> sa.FromClause:
        """The current rows, or those that were current at a moment."""
        names = [self._layer.table]
        if self.query.as_of is None:
            return sa.table(names[0], schema=self._layer.schema)
        names += [self._layer.past_table] if self._layer.past_table else []
        moment = sa.cast(value("as_of", sa.DateTime), sa.DateTime(timezone=True))
        was = sa.column(_PUBLISHED).bool_op("@>")(moment)
        parts = (
            sa.select(*self._columns.values()).select_from(sa.table(name, schema=self._layer.schema)).where(was)
            for name in names
        )
        return sa.union_all(*parts).subquery("then")


def _beside(matched: sa.Subquery, page: sa.Subquery) -> sa.Select[Any]:
    """The number of all beside each row of a page, or one row of nulls behind it."""
    return sa.select(matched.c.matched, *page.c).select_from(matched.outerjoin(page, sa.true()))


def _texts(layer: Layer) -> sa.TableClause:
    schema, name = layer.text_table or ("", "")
    return sa.table(name, sa.column("number"), sa.column("geojson"), schema=schema)
