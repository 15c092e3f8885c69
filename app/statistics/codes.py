"""Codes of SDMX that stand for no single member of a dimension."""

TOTAL = "_T"
"""Code of a dimension that stands for all its members together (SDMX)."""

UNSPECIFIED = "_X"
"""Code of a part that the source does not name (SDMX)."""

NOT_APPLICABLE = "_Z"
"""Code of a dimension that a figure does not have, such as the partner of a production (SDMX)."""
