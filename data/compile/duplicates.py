"""Records of the same site: the better placed one stays, the others lend it their names.

Two records are one site when they are near each other, their names agree and they share a commodity. A weakly placed
record whose name and commodity a better placed one has somewhere else in the country is misplaced and goes as well.
"""

import math
from dataclasses import replace

from shapely import STRtree
from shapely.geometry import Point

from data.compile.names import key, similar
from data.compile.sites import Dropped, Site, with_other_names

SAME_NAME_KM = 30.0
SIMILAR_NAME_KM = 5.0
UNNAMED_KM = 0.2
WITHIN_SOURCE_KM = 1.0
"""Within a database that lists a site once, only records this near are one site."""

LINK_KM = 30.0
CLOSE_KM = 5.0
"""A mine and its deposit are about as far apart as this."""

WEAK_RANK = 3
"""Records of this rank and above have coordinates that are known to be wrong now and then."""

SAME_COUNTRY_KM = 1500.0


def merge(sites: list[Site]) -> tuple[list[Site], list[Dropped]]:
    """One record a site, best placed first, and the records that went into another one or were misplaced."""
    kept: list[Site] = []
    lent: dict[str, list[str]] = {}
    dropped = []
    for site in sorted(sites, key=_order):
        twin, reason = _twin(site, kept)
        if twin is None:
            kept.append(site)
            continue
        dropped.append(Dropped(site.identifier, site.name, site.layer, site.source.id, reason, twin.identifier))
        if reason == DUPLICATE:
            lent.setdefault(twin.identifier, []).extend((site.name, *site.other_names))
    return [with_other_names(site, _lendable(lent.get(site.identifier, []))) for site in kept], dropped


def link_mines(sites: list[Site]) -> list[Site]:
    """The same sites; a deposit or occurrence near a mine of its name and commodity knows that mine."""
    mines = [site for site in sites if site.layer == "mines"]
    tree = STRtree([Point(mine.xy) for mine in mines])
    return [site if site.layer in OPERATIONS else _linked(site, _mine_of(site, mines, tree)) for site in sites]


DUPLICATE = "duplicate of a better placed record"
MISPLACED = "misplaced: a better placed record of the same name lies elsewhere"
OPERATIONS = ("mines", "processing-plants")


def distance_km(first: Site, second: Site) -> float:
    """Great-circle distance in kilometres on a sphere of 6371 km."""
    (lon1, lat1), (lon2, lat2) = first.xy, second.xy
    a, b = math.radians(lat1), math.radians(lat2)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))


def _order(site: Site) -> tuple[int, float, str]:
    return site.rank, site.accuracy_m, site.identifier


def _lendable(names: list[str]) -> list[str]:
    return [name for name in names if not name.startswith("Unnamed ")]


def _twin(site: Site, kept: list[Site]) -> tuple[Site | None, str]:
    """The nearest better record of this site or of its name, and what that makes of the site."""
    found = [(distance_km(site, other), other) for other in kept if _comparable(site, other)]
    for distance, other in sorted(found, key=lambda pair: (pair[0], pair[1].identifier)):
        if _family(site) == _family(other) and distance <= _reach_km(site, other):
            return other, DUPLICATE
        if _contradicts(site, other, distance):
            return other, MISPLACED
    return None, ""


def _linked(site: Site, mine: Site | None) -> Site:
    """The site with its mine. A well placed mine far from it shows how badly the site is placed."""
    if mine is None:
        return site
    apart_m = distance_km(site, mine) * 1000
    known_better = mine.rank < site.rank and apart_m > CLOSE_KM * 1000
    return replace(site, mine=mine, accuracy_m=max(site.accuracy_m, apart_m) if known_better else site.accuracy_m)


def _comparable(site: Site, other: Site) -> bool:
    return site.country == other.country and bool(set(site.codes) & set(other.codes))


def _family(site: Site) -> str:
    return "operation" if site.layer in OPERATIONS else "deposit"


def _reach_km(site: Site, other: Site) -> float:
    """How far apart the two records may be and still be one site, from how well their names agree."""
    first, second = key(site.name), key(other.name)
    once = site.source == other.source and not site.source.repeats
    if not first and not second:
        return UNNAMED_KM
    if set(_keys(site)) & set(_keys(other)) - {""}:
        return WITHIN_SOURCE_KM if once else SAME_NAME_KM
    if not once and any(similar(a, b) for a in _keys(site) for b in _keys(other)):
        return SIMILAR_NAME_KM + min(10.0, (site.accuracy_m + other.accuracy_m) / 1000)
    return -1.0


def _keys(site: Site) -> list[str]:
    return [key(name) for name in (site.name, *site.other_names)]


def _contradicts(site: Site, other: Site, distance: float) -> bool:
    named_alike = key(site.name) == key(other.name) != ""
    weaker = site.rank >= WEAK_RANK and other.rank < site.rank
    return named_alike and weaker and SAME_NAME_KM < distance < SAME_COUNTRY_KM


def _mine_of(site: Site, mines: list[Site], tree: STRtree) -> Site | None:
    near = (mines[int(i)] for i in tree.query(Point(site.xy).buffer(0.5)))
    fitting = [
        (distance_km(site, mine), mine)
        for mine in near
        if _comparable(site, mine)
        and (key(site.name) == key(mine.name) != "" or similar(key(site.name), key(mine.name)))
    ]
    fitting = [pair for pair in fitting if pair[0] <= LINK_KM]
    return min(fitting, key=lambda pair: (pair[0], pair[1].identifier))[1] if fitting else None
