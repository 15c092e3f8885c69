"""The form of what goes over the wire: names in camelCase, nothing taken that is not asked for."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

CURSOR = r"^[1-9][0-9]{0,17}$"
"""Form of a cursor that is the id the page before ended at."""


class Out(BaseModel):
    """What is answered."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class In(BaseModel):
    """What is asked for. A member that is not known is refused, so that nobody sets what is not theirs to set."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")
