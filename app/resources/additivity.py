"""On what grounds estimates of resources and reserves may not be added to each other.

Each rule is a function of the estimates that yields every ground it finds; RULES names all of them. The rules follow
what the reporting codes have in common: a category is only comparable within its code, inferred resources are never
added to better known ones, and a deposit counts once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from app.resources.estimates import Estimate

Quantity = Literal["tonnage", "contained"]
Estimates = Sequence[Estimate]
Rule = Callable[[Estimates, Quantity], Iterator[str]]

_NOT_STATED = "not stated"

PARTS = {
    "measured-and-indicated-mineral-resource": {"measured-mineral-resource", "indicated-mineral-resource"},
    "indicated-and-inferred-mineral-resource": {"indicated-mineral-resource", "inferred-mineral-resource"},
    "measured-indicated-inferred-mineral-resource": {
        "measured-mineral-resource",
        "indicated-mineral-resource",
        "inferred-mineral-resource",
        "measured-and-indicated-mineral-resource",
        "indicated-and-inferred-mineral-resource",
    },
    "proved-and-probable-ore-reserves": {"proved-ore-reserves", "probable-ore-reserves"},
}
"""Categories that hold others."""

_MEASURED, _INDICATED = "measured-mineral-resource", "indicated-mineral-resource"
ADDED = (
    {_MEASURED, _INDICATED, "measured-and-indicated-mineral-resource"},
    {"proved-ore-reserves", "probable-ore-reserves", "proved-and-probable-ore-reserves"},
)
"""Sets of categories of one code that may be added, by convention of all of them."""


def conflicts(estimates: Estimates, quantity: Quantity, *, bridged: bool) -> tuple[str, ...]:
    """Every ground on which the estimates may not be added. bridged: they are told apart by their place in the UNFC."""
    rules = (*ALWAYS, *(BRIDGED if bridged else UNBRIDGED))
    return tuple(dict.fromkeys(reason for rule in rules for reason in rule(estimates, quantity)))


def _commodities(estimates: Estimates, quantity: Quantity) -> Iterator[str]:
    codes = sorted({one.commodity for one in estimates})
    if len(codes) > 1 and quantity == "contained":
        yield f"{', '.join(codes)} are different things: choose one commodity."
    elif len(codes) > 1:
        yield f"The same ore holds {', '.join(codes)} and would count several times: choose one commodity."


def _measures_of_a_deposit(estimates: Estimates, _: Quantity) -> Iterator[str]:
    both = sorted(
        {one.deposit for one in estimates if one.measure == "reserve"}
        & {one.deposit for one in estimates if one.measure == "resource"}
    )
    if both:
        yield (
            f"Of {len(both)} deposits ({_some(both)}) there are resources and reserves, which resources may include: "
            "choose one of the two."
        )
    endowed = {one.deposit for one in estimates if one.measure == "endowment"}
    again = sorted(endowed & {one.deposit for one in estimates if one.measure != "endowment"})
    if again:
        yield f"The endowment of {_some(again)} includes its resources and reserves: choose one of the two."


def _dates_of_a_deposit(estimates: Estimates, _: Quantity) -> Iterator[str]:
    dates: defaultdict[tuple[str, str, str], set[object]] = defaultdict(set)
    counts: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    for one in estimates:
        dates[one.deposit, one.commodity, one.category].add(one.effective)
        counts[one.deposit, one.commodity, one.category, str(one.effective)] += 1
    several = sorted({key[0] for key, found in dates.items() if len(found) > 1})
    if several:
        yield f"There are estimates of different dates of {_some(several)}: a deposit counts once."
    twice = sorted({key[0] for key, count in counts.items() if count > 1} - set(several))
    if twice:
        yield f"There are several estimates of the same date of {_some(twice)}: a deposit counts once."


def _parts_beside_wholes(estimates: Estimates, _: Quantity) -> Iterator[str]:
    categories: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in estimates:
        categories[one.deposit, one.commodity].add(one.category)
    for (deposit, _commodity), found in sorted(categories.items()):
        for whole in sorted(found & PARTS.keys()):
            if inner := sorted(PARTS[whole] & found):
                yield f"{whole} of {deposit} includes {', '.join(inner)}: choose the one or the others."


def _quantities(estimates: Estimates, quantity: Quantity) -> Iterator[str]:
    missing = [one.identifier for one in estimates if getattr(one, quantity) is None]
    if missing:
        yield f"{_counted(missing)} without {quantity}."


def _methods(estimates: Estimates, _: Quantity) -> Iterator[str]:
    unstated = [one.identifier for one in estimates if not one.method]
    if unstated:
        yield f"{_counted(unstated)} without the code that was followed: what is counted is not known."
    codes = sorted({one.method for one in estimates if one.method})
    if len(codes) > 1:
        yield f"{', '.join(codes)} define their categories each in its own way: choose one code or name a bridge."


def _measures(estimates: Estimates, _: Quantity) -> Iterator[str]:
    kinds = sorted({one.measure or _NOT_STATED for one in estimates})
    if len(kinds) > 1:
        yield f"{', '.join(kinds)} are different measures: choose one."
    elif kinds == [_NOT_STATED]:
        yield "The estimates do not say whether they are of a resource, a reserve or all that ever was there."


def _categories(estimates: Estimates, _: Quantity) -> Iterator[str]:
    found = {one.category or _NOT_STATED for one in estimates}
    if len(found) > 1 and not any(found <= together for together in ADDED):
        yield f"{', '.join(sorted(found))} are not known equally well and are not added: choose categories."
    elif found == {_NOT_STATED}:
        yield "The estimates do not say in which category they are."


def _not_bridged(estimates: Estimates, _: Quantity) -> Iterator[str]:
    outside = [one.identifier for one in estimates if not one.axes.assessed]
    if outside:
        yield f"{_counted(outside)} without a place in the UNFC: a bridge leads there from a stated code and category."


def _versions(estimates: Estimates, _: Quantity) -> Iterator[str]:
    versions = sorted({one.version or _NOT_STATED for one in estimates if one.axes.assessed})
    if len(versions) > 1:
        yield f"Classified by the UNFC of {', '.join(versions)}: choose one version."


def _counted(identifiers: Sequence[str]) -> str:
    return f"{len(identifiers)} estimate{'s' if len(identifiers) > 1 else ''} ({_some(identifiers)})"


def _some(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")


ALWAYS: tuple[Rule, ...] = (
    _commodities,
    _measures_of_a_deposit,
    _dates_of_a_deposit,
    _parts_beside_wholes,
    _quantities,
)
"""Rules whatever is asked for."""

UNBRIDGED: tuple[Rule, ...] = (_methods, _measures, _categories)
"""Rules for estimates by reporting codes."""

BRIDGED: tuple[Rule, ...] = (_not_bridged, _versions)
"""Rules for estimates that are told apart by their place in the UNFC."""
