"""How well a published point is placed, read from its coordinates.

A coordinate tells its own precision: the number of its decimals or, when both numbers are whole arc-minutes, half
degrees or arc-seconds, that grid. Some databases shifted whole minutes between datums; `tolerance` lets the grid show.
"""

METRES_PER_DEGREE = 111_000.0
GRIDS = (1.0, 0.5, 1 / 60, 1 / 3600)
"""Steps in degrees people read from maps and write down, coarsest first."""


def spacing_m(lon: str, lat: str, tolerance: float) -> float:
    """Distance in metres between neighbouring values the published coordinates could have had.

    lon and lat are the decimal degrees as published; tolerance, in degrees, is how far a database moves its values.
    """
    decimals = max(_decimals(lon), _decimals(lat))
    step = 10.0**-decimals
    slack = max(step / 2, tolerance)
    for grid in GRIDS:
        if grid > 4 * slack and grid > step and all(_on_grid(float(value), grid, slack) for value in (lon, lat)):
            return grid * METRES_PER_DEGREE
    return step * METRES_PER_DEGREE


def accuracy_text(metres: float) -> str:
    """The distance in words, rounded to two figures: about 110 m, about 1.9 km."""
    if metres < 995:
        return f"about {float(f'{metres:.2g}'):.0f} m"
    return f"about {float(f'{metres / 1000:.2g}'):g} km"


def _decimals(value: str) -> int:
    """Decimals that mean something: long machine fractions are cut, zeros at the end do not count."""
    fraction = f"{float(value):.7f}".rstrip("0").partition(".")[2]
    return len(fraction)


def _on_grid(value: float, grid: float, slack: float) -> bool:
    return abs(value - round(value / grid) * grid) <= slack
