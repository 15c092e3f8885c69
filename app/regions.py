"""A region: its members, its words and the files of its facts, read from the region.yml in its folder."""

from datetime import date
from pathlib import Path

from pydantic import Field

from gis.declaration import Declaration, read_declaration
from gis.layer import BBox
from gis.records.topic import TopicCategory

COUNTRY_CODE = r"^[A-Z]{3}$"


class Member(Declaration):
    """A member state: ISO 3166-1 codes, English short name, year it joined."""

    country: str = Field(pattern=COUNTRY_CODE)
    iso2: str = Field(pattern=r"^[A-Z]{2}$")
    name: str
    since: int | None = None


class Dataset(Declaration):
    """A file of facts and the layer it fills."""

    layer: str
    file: str


class StatisticsFile(Declaration):
    """A file of figures."""

    file: str


class Raster(Declaration):
    """A cloud-optimised GeoTIFF beside region.yml. date: when it was made; topic: its ISO 19115 topic category."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    file: str
    title: str
    date: date
    abstract: str = ""
    source: str = ""
    licence: str = ""
    topic: TopicCategory = "geoscientificInformation"


class Region(Declaration):
    """What region.yml says.

    bbox: west, south, east, north in degrees. coordinate_systems: EPSG codes of the systems its states use.
    about: file of the text on its cooperation; publications: file of its documents. Both may be left out.
    """

    id: str
    title: str
    name: str = ""
    description: str
    languages: list[str]
    bbox: list[float | int] = Field(min_length=4, max_length=4)
    coordinate_systems: list[int] = []
    disclaimer: str = ""
    members: list[Member]
    datasets: list[Dataset]
    statistics: list[StatisticsFile] = []
    rasters: list[Raster] = []
    about: str = ""
    publications: str = ""

    @property
    def box(self) -> BBox:
        """West, south, east, north in degrees."""
        west, south, east, north = map(float, self.bbox)
        return west, south, east, north

    @property
    def epsg(self) -> tuple[int, ...]:
        """EPSG codes of the UTM zones the region lies in, and of its states' own systems."""
        west, south, east, north = self.box
        zones = range(_utm_zone(west), _utm_zone(east) + 1)
        hemispheres = [base for base, there in ((32600, north > 0), (32700, south < 0)) if there]
        return (*(base + zone for base in hemispheres for zone in zones), *self.coordinate_systems)


def _utm_zone(longitude: float) -> int:
    return min(max(int((longitude + 180) // 6) + 1, 1), 60)


def read_region(folder: Path) -> Region:
    """The region described in a folder. Raises InvalidDeclarationError with file and line."""
    return read_declaration(folder / "region.yml", Region)
