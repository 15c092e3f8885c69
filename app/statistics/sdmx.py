"""Names of the cube's columns in SDMX-CSV 2.0, for reading and writing, and the identity of its structure."""

from collections.abc import Iterator
from typing import Any

from gis.formats import Record

AGENCY, FLOW, VERSION = "AMDIS", "MINERALS", "1.0"
STRUCTURE_ID = f"{AGENCY}:{FLOW}({VERSION})"

DIMENSION_IDS = {
    "indicator": "INDICATOR",
    "country": "REF_AREA",
    "partner": "COUNTERPART_AREA",
    "commodity": "COMMODITY",
    "hs": "HS",
    "hsEdition": "HS_EDITION",
    "isic": "ISIC",
    "isicRevision": "ISIC_REVISION",
    "content": "CONTENT",
    "year": "TIME_PERIOD",
}
ATTRIBUTE_IDS = {
    "unit": "UNIT_MEASURE",
    "estimated": "OBS_STATUS",
    "precision": "PRECISION",
    "source": "SOURCE",
    "sourceId": "SOURCE_ID",
    "licence": "LICENCE",
    "note": "COMMENT",
}
MEASURE_ID = "OBS_VALUE"
NAMES = {**DIMENSION_IDS, "value": MEASURE_ID, **ATTRIBUTE_IDS}

_FIELDS = {identifier: name for name, identifier in NAMES.items()}
_STATUS = {True: "E", False: "A"}  # SDMX CL_OBS_STATUS: estimated, normal
_ESTIMATED = {"E": "true", "A": "false", "": ""}
_HEAD = ("STRUCTURE", "STRUCTURE_ID", "ACTION")


def obs_status(estimated: bool | None) -> str | None:
    """The code of SDMX for whether a figure is estimated; None where the source does not say."""
    return None if estimated is None else _STATUS[estimated]


def from_sdmx(records: Iterator[Record]) -> Iterator[Record]:
    """The records of an SDMX-CSV 2.0 file under the names of our fields; those of any other CSV file as they are.

    A file of SDMX is known by its first column, STRUCTURE.
    """
    for record in records:
        yield _translated(record) if "STRUCTURE" in record.values else record


def _translated(record: Record) -> Record:
    values: dict[str, Any] = {_FIELDS.get(name, name): value for name, value in record.values.items()}
    action = values.get("ACTION", "I")
    for name in _HEAD:
        values.pop(name, None)
    if action == "D":
        values["ACTION"] = action  # told as an unknown field: what is left out of a file is deleted by that
    values["estimated"] = _ESTIMATED.get(values.get("estimated", ""), values.get("estimated"))
    return Record(record.line, values, record.shape)
