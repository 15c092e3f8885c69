"""Mass balance: what is made and sent away of a commodity cannot be more than is mined, brought in and can be made."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.statistics.checks import Cube
from app.statistics.codes import NOT_APPLICABLE, TOTAL
from app.statistics.plausibility.doubts import Amount, Check, Code, Doubt, Judged, Row, Told, message, ranked

ALLOWED = 0.05
"""How much more than there is may be used, as a part of it: figures are rounded, and stocks change."""

_MADE = ("smelter-production", "refinery-production", "primary-metal-production")
_PLAIN = ("mine-production", "smelter-capacity", *_MADE)
_FLOWS = ("exports", "imports")

_OVER_CAPACITY = message(
    "%(commodity)s, %(country)s, %(year)s: smelters are said to have made %(made)s, and to be able to make %(able)s."
)
_OVER_SUPPLY = message(
    "%(commodity)s, %(country)s, %(year)s: mines and imports of ore bring %(supply)s; exports of ore and what smelters "
    "or refineries made take %(use)s. Scrap, stocks or a figure in another content may explain it."
)
_NO_IMPORTS = message("imports of ore are not reported, so that the supply is not known")
_NO_MINES = message("mine production in the same content is not reported, so that the supply is not known")

_Place = tuple[str, str, str, int]
"""Country, commodity, content, year."""


@dataclass(slots=True)
class _Account:
    """The figures of one place by role: an indicator of production, or exports and imports of ore."""

    figures: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class _Sum:
    """An amount in the unit of the account, and the figures it is of."""

    value: float
    figures: tuple[Row, ...]


def judge(rows: Sequence[Row], cube: Cube) -> Judged:
    """Compare production with capacity, and what is used of ore with what there is of it."""
    left_out: Counter[str] = Counter()
    doubts: list[Doubt] = []
    compared = 0
    for place, account in sorted(_accounts(rows, cube).items()):
        unit = next(iter(account.figures.values()))[0]["unit"]
        sums = {role: _sum(found, unit, cube) for role, found in account.figures.items()}
        for found in (_capacity(place, sums, unit), *_supply(place, sums, unit)):
            if isinstance(found, str):
                left_out[found] += 1
            elif found is not None:
                compared += 1
                doubts += [found] if found.weight > ALLOWED else []
    return Judged(compared, ranked(doubts), dict(left_out))


def _accounts(rows: Sequence[Row], cube: Cube) -> Mapping[_Place, _Account]:
    stages = {
        (commodity, code.edition, code.code): code.stage
        for commodity, codes in cube.crosswalk.hs_codes.items()
        for code in codes
    }
    accounts: defaultdict[_Place, _Account] = defaultdict(_Account)
    for row in rows:
        role = _role(row, stages)
        if role and row["country"] != TOTAL and row["content"] != NOT_APPLICABLE:
            place = row["country"], row["commodity"], row["content"], row["year"]
            accounts[place].figures[role].append(row)
    return accounts


def _role(row: Row, stages: Mapping[tuple[str, str, str], str]) -> str:
    """Where a figure stands in an account; empty where it has no place in any."""
    indicator: str = row["indicator"]
    if indicator in _PLAIN:
        return indicator
    stage = stages.get((row["commodity"], row["hsEdition"], row["hs"]))
    return indicator if indicator in _FLOWS and stage == "ore" else ""


def _sum(rows: Sequence[Row], unit: str, cube: Cube) -> _Sum:
    """The sum of figures; those of all partners together stand for those of each, code by code."""
    whole = {row["hs"] for row in rows if row["partner"] == TOTAL}
    chosen = [row for row in rows if row["partner"] == TOTAL or row["hs"] not in whole]
    return _Sum(sum(cube.units.convert(row["value"], row["unit"], unit) for row in chosen), tuple(chosen))


def _capacity(place: _Place, sums: Mapping[str, _Sum], unit: str) -> Doubt | None:
    made, able = sums.get("smelter-production"), sums.get("smelter-capacity")
    if made is None or able is None:
        return None
    told = {"made": Amount(made.value, unit), "able": Amount(able.value, unit)}
    return _compared(place, (made, able), _OVER_CAPACITY, told)


def _supply(place: _Place, sums: Mapping[str, _Sum], unit: str) -> Iterator[Doubt | str]:
    """The comparison of use and supply of ore, or why it cannot be made; nothing where nothing is used."""
    # What smelters made is refined thereafter: the larger of both has taken the ore, not their sum.
    made = max((sums[name] for name in _MADE if name in sums), key=lambda one: one.value, default=None)
    users = [one for one in (sums.get("exports"), made) if one]
    if not users:
        return
    mined, brought = sums.get("mine-production"), sums.get("imports")
    if mined is None or brought is None:
        yield _NO_MINES if mined is None else _NO_IMPORTS
        return
    use = _Sum(sum(one.value for one in users), tuple(row for one in users for row in one.figures))
    supply = _Sum(mined.value + brought.value, (*mined.figures, *brought.figures))
    told = {"use": Amount(use.value, unit), "supply": Amount(supply.value, unit)}
    yield _compared(place, (use, supply), _OVER_SUPPLY, told)


def _compared(place: _Place, pair: tuple[_Sum, _Sum], told: str, amounts: Mapping[str, Amount]) -> Doubt:
    """Use and limit compared: the weight is the excess as a part of the limit, of the use where the limit is 0."""
    use, limit = pair
    country, commodity, _, year = place
    codes: Mapping[str, Told] = {"country": Code("country", country), "commodity": Code("commodity", commodity)}
    weight = (use.value - limit.value) / (limit.value or use.value or 1.0)
    return Doubt((*use.figures, *limit.figures), told, {**codes, "year": year, **amounts}, weight)


BALANCE = Check(
    "mass-balance",
    message("Mass balance"),
    message(
        "Production of smelters beside their capacity; exports of ore and production of smelters or refineries beside "
        "mine production and imports of ore. Only figures of one content are compared, ore never with contained metal. "
        "Doubted where more than 105 % of what there is was used. Ranked by the excess."
    ),
    message("Mine, smelter and refinery production, capacity, exports and imports of ore in the same content"),
    judge,
)
