"""Totals of resources and reserves with their members, and the E-F-G matrix of the UNFC."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.errors import ConflictingFiguresError
from app.resources.additivity import Quantity, conflicts
from app.resources.bridges import Bridge
from app.resources.estimates import NOT_ASSESSED, Axes, Estimate
from gis.vocabulary import Vocabulary

BY = ("country", "commodity", "deposit", "measure", "method", "category")
"""What totals may be split by."""


@dataclass(frozen=True, slots=True)
class ResourceTotal:
    """One sum in tonnes. codes: of what it is split by, and with a bridge its place in the UNFC. members: identifiers.

    calculated: how many of them are ore times grade.
    """

    codes: Mapping[str, str]
    value: float
    members: tuple[str, ...]
    deposits: int
    calculated: int


def totals(
    found: Sequence[Estimate], quantity: Quantity, by: Sequence[str], bridge: Bridge | None
) -> tuple[ResourceTotal, ...]:
    """Sums of estimates, split by some of BY; with a bridge also by their places in the UNFC, which are never mixed.

    Raises ConflictingFiguresError that tells every ground on which the estimates may not be added.
    """
    crossed = [bridge.across(one) for one in found] if bridge else list(found)
    groups: defaultdict[tuple[str, ...], list[Estimate]] = defaultdict(list)
    for one in crossed:
        groups[tuple(getattr(one, name) for name in by)].append(one)
    reasons = [reason for group in groups.values() for reason in conflicts(group, quantity, bridged=bridge is not None)]
    if reasons:
        raise ConflictingFiguresError(tuple(dict.fromkeys(reasons)))
    names = (*by, *(("unfc",) if bridge else ()))
    split = _split(crossed, lambda one: (*(getattr(one, n) for n in by), *((one.axes.code,) if bridge else ())))
    return tuple(_total(dict(zip(names, key, strict=True)), group, quantity) for key, group in sorted(split.items()))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the matrix. axes: broad categories. value: tonnes; None where adding is wrong, for these reasons."""

    axes: Axes
    members: tuple[str, ...]
    deposits: int
    value: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Estimates by the three axes. e, f, g: broad categories, NOT_ASSESSED at the end; cells: those with estimates."""

    e: tuple[str, ...]
    f: tuple[str, ...]
    g: tuple[str, ...]
    cells: tuple[Cell, ...]

    def cell(self, e: str, f: str, g: str) -> Cell | None:
        """The cell of a place, None where nothing stands there."""
        return next((cell for cell in self.cells if cell.axes == Axes(e, f, g)), None)


def matrix(found: Iterable[Estimate], quantity: Quantity, bridge: Bridge | None, categories: Vocabulary) -> Matrix:
    """The E-F-G matrix of estimates; finer categories count with the broad one above them."""
    crossed = [bridge.across(one) for one in found] if bridge else list(found)

    def place(one: Estimate) -> tuple[str, str, str]:
        return _broad(one.axes.e, categories), _broad(one.axes.f, categories), _broad(one.axes.g, categories)

    cells = tuple(_cell(Axes(*key), group, quantity) for key, group in sorted(_split(crossed, place).items()))
    e, f, g = (_codes(axis, categories) for axis in "EFG")
    return Matrix(e, f, g, cells)


def _cell(axes: Axes, group: Sequence[Estimate], quantity: Quantity) -> Cell:
    reasons = conflicts(group, quantity, bridged=True)
    value = None if reasons else sum(getattr(one, quantity) for one in group)
    return Cell(axes, _members(group), len({one.deposit for one in group}), value, reasons)


def _codes(axis: str, categories: Vocabulary) -> tuple[str, ...]:
    broad = (term.code for term in categories if term.extra["axis"] == axis and not term.broader)
    return (*broad, NOT_ASSESSED)


def _broad(code: str, categories: Vocabulary) -> str:
    return next(iter(categories.terms[code].broader), code)


def _split(
    found: Iterable[Estimate], key: Callable[[Estimate], tuple[str, ...]]
) -> dict[tuple[str, ...], list[Estimate]]:
    groups: defaultdict[tuple[str, ...], list[Estimate]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return dict(groups)


def _total(codes: Mapping[str, str], group: Sequence[Estimate], quantity: Quantity) -> ResourceTotal:
    value = sum(getattr(one, quantity) for one in group)
    deposits = len({one.deposit for one in group})
    calculated = sum(one.calculated for one in group) if quantity == "contained" else 0
    return ResourceTotal(codes, value, _members(group), deposits, calculated)


def _members(group: Iterable[Estimate]) -> tuple[str, ...]:
    return tuple(one.identifier for one in group)
