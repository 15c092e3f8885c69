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
    """What region.yml says. bbox: west, south, east, north in degrees."""

    id: str
    title: str
    name: str = ""
    description: str
    languages: list[str]
    bbox: list[float | int] = Field(min_length=4, max_length=4)
    disclaimer: str = ""
    members: list[Member]
    datasets: list[Dataset]
    statistics: list[StatisticsFile] = []
    rasters: list[Raster] = []

    @property
    def box(self) -> BBox:
        """West, south, east, north in degrees."""
        west, south, east, north = map(float, self.bbox)
        return west, south, east, north


def read_region(folder: Path) -> Region:
    """The region described in a folder. Raises InvalidDeclarationError with file and line."""
    return read_declaration(folder / "region.yml", Region)
