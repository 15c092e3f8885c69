"""By which columns the classes and labels of a layer's styles are made: MapServer knows one of each a layer.

Where the styles of a layer differ in their field, the statement has a column more, and a parameter of the request says
which field that is. Classes then stay plain comparisons of text; expressions cost several times as much a feature.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gis.errors import InvalidDeclarationError
from gis.layer import Layer
from gis.mapserver.source import CLASS_VALUE
from gis.style import Style


@dataclass(frozen=True, slots=True)
class StyleItems:
    """Columns of a layer's styles. chosen: the parameter that names the field of the classes, empty without choice."""

    fields: tuple[str, ...]
    label: str
    chosen: str

    def keywords(self) -> Mapping[str, Any]:
        """What the LAYER says of it in the mapfile."""
        found: dict[str, Any] = {}
        if self.chosen:
            validation = {self.chosen: f"^({'|'.join(self.fields)})$", f"default_{self.chosen}": self.fields[0]}
            found = {"validation": {"__type__": "validation", **validation}, "classitem": CLASS_VALUE}
        elif self.fields:
            found = {"classitem": self.fields[0]}
        return {**found, "labelitem": self.label} if self.label else found

    def parameters(self, style: Style) -> Mapping[str, str]:
        """What a request for that style has to say."""
        return {self.chosen: style.field} if self.chosen and style.field else {}


def of_styles(layer: Layer, styles: Sequence[Style]) -> StyleItems:
    """The columns. Raises InvalidDeclarationError for a field that is not public, or labels from several fields."""
    for style in styles:
        for name in style.fields:
            if layer.field(name) is None:
                raise InvalidDeclarationError(f"layer {layer.id}: style {style.id}: there is no public field {name!r}")
    labels = list(dict.fromkeys(style.label.field for style in styles if style.label))
    if len(labels) > 1:
        raise InvalidDeclarationError(f"layer {layer.id}: its styles take labels from {' and '.join(labels)}")
    fields = tuple(dict.fromkeys(style.field for style in styles if style.field))
    return StyleItems(fields, labels[0] if labels else "", f"classes-of-{layer.id}" if len(fields) > 1 else "")
