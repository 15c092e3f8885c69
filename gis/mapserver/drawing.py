"""What a map request wants drawn: layers, each in one of its styles or the client's, narrowed by filter and time."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from gis.declaration import nearest
from gis.mapserver import parameters as read
from gis.mapserver.catalogue import Catalogue, MapLayer, MapStyle
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.filters import both, read_filter, within
from gis.mapserver.parameters import Parameters
from gis.mapserver.times import read_times
from gis.mapserver.userstyles import UserStyles, read_styles
from gis.mapserver.xml import LARGEST


@dataclass(frozen=True, slots=True)
class Drawing:
    """Layers from the bottom up with a style and a filter each, empty for none. body: an SLD document for some."""

    layers: tuple[MapLayer, ...]
    styles: tuple[MapStyle, ...]
    filters: tuple[str, ...]
    body: str = ""

    def of(self, layers: Sequence[MapLayer]) -> "Drawing":
        """The same of some of the layers, to ask what is at a place; styles of the client's own count as well."""
        places = [self.layers.index(layer) for layer in layers]
        return replace(
            self,
            layers=tuple(layers),
            styles=tuple(self.styles[place] for place in places),
            filters=tuple(self.filters[place] for place in places),
        )

    def parameters(self) -> dict[str, str]:
        """The parameters MapServer reads it from."""
        found = {"layers": ",".join(layer.id for layer in self.layers)}
        found["styles"] = "" if self.body else ",".join(style.id for style in self.styles)
        found |= {name: value for style in self.styles for name, value in style.parameters.items()}
        if any(self.filters):
            found["filter"] = "".join(f"({one})" for one in self.filters)
        if self.body:
            found["sld_body"] = self.body
        return found


def read_drawing(given: Parameters, catalogue: Catalogue) -> Drawing:
    """What LAYERS, STYLES, SLD, SLD_BODY, FILTER, TIME and the other dimensions ask for. Raises ServiceException."""
    own = _own_styles(given, catalogue)
    layers = own.layers if own and not given.get("LAYERS") else named_layers(given, "LAYERS", catalogue)
    styles = _styles(given, layers, own)
    filters = [
        both(one, other) for one, other in zip(_filters(given, layers, catalogue), _times(given, layers), strict=True)
    ]
    return Drawing(layers, tuple(styles), tuple(filters), own.body if own else "")


def named_layers(given: Parameters, name: str, catalogue: Catalogue) -> tuple[MapLayer, ...]:
    """The layers of a list. Raises ServiceException with LayerNotDefined for one that is not there."""
    names = read.required(given, name).split(",")
    if len(names) > len(catalogue.layers) + 20:
        raise ServiceException("InvalidParameterValue", f"{name} has more names than there are layers.")
    return tuple(named_layer(name, one, catalogue) for one in names)


def named_layer(parameter: str, name: str, catalogue: Catalogue) -> MapLayer:
    """The layer of that name. Raises ServiceException with LayerNotDefined."""
    layer = catalogue.layers.get(name)
    if layer is None:
        raise ServiceException(
            "LayerNotDefined", f"{parameter}: there is no layer {shown(name)}{nearest(name, [*catalogue.layers])}."
        )
    return layer


def named_style(parameter: str, name: str, layer: MapLayer) -> MapStyle:
    """The layer's style of that name. Raises ServiceException with StyleNotDefined."""
    style = layer.style(name)
    if style is None:
        close = nearest(name, [*layer.styles])
        raise ServiceException("StyleNotDefined", f"{parameter}: {shown(name)} is no style of {layer.id}{close}.")
    return style


def _styles(given: Parameters, layers: Sequence[MapLayer], own: UserStyles | None) -> list[MapStyle]:
    text = read.optional(given, "STYLES")
    names = text.split(",") if text else [""] * len(layers)
    if len(names) != len(layers):
        raise ServiceException("StyleNotDefined", f"STYLES has {len(names)} names for {len(layers)} layers.")
    if own is None:
        return [named_style("STYLES", name, layer) for name, layer in zip(names, layers, strict=True)]
    # Names of the client's own styles have been looked up in its document.
    return [named_style("SLD", own.named.get(layer.id, ""), layer) for layer in layers]


def _own_styles(given: Parameters, catalogue: Catalogue) -> UserStyles | None:
    body, address = given.get("SLD_BODY", ""), read.optional(given, "SLD")
    if body and address:
        raise ServiceException("InvalidParameterValue", "SLD and SLD_BODY exclude each other.", locator="sld")
    if body:
        if len(body) > LARGEST:
            raise ServiceException(
                "InvalidParameterValue", f"SLD_BODY is longer than {LARGEST} characters.", locator="sld_body"
            )
        return read_styles(body, catalogue, read.optional(given, "STYLES").split(","))
    return _style_at(address, catalogue) if address else None


def _style_at(address: str, catalogue: Catalogue) -> UserStyles:
    """A style of this service by its own address, which is looked up and not fetched; no other address is served."""
    prefix = f"{catalogue.base_url}/ogc/styles/"
    name = urlsplit(address).path.rpartition("/")[2]
    asked = dict(parse_qsl(urlsplit(address).query))
    if re.match(re.escape(prefix) + r"[a-z0-9-]+(\?|$)", address) and asked.get("f", "sld").startswith("sld"):
        for layer in catalogue.layers.values():
            if name in layer.styles:
                return UserStyles("", (layer,), {layer.id: name})
    raise ServiceException(
        "InvalidParameterValue",
        f"SLD {shown(address)}: styles are read from {prefix}… only; send others in SLD_BODY.",
        locator="sld",
    )


def _filters(given: Parameters, layers: Sequence[MapLayer], catalogue: Catalogue) -> list[str]:
    text = given.get("FILTER", "").strip()
    if not text:
        return [""] * len(layers)
    listed = text.startswith("(") and text.endswith(")")
    parts = re.split(r"\)\s*\(", text[1:-1]) if listed else [text]
    if len(parts) != len(layers):
        raise ServiceException(
            "InvalidParameterValue",
            f"FILTER has {len(parts)} filters for {len(layers)} layers; write (filter)(filter), empty for none.",
            locator="filter",
        )
    for part, layer in zip(parts, layers, strict=True):
        if part.strip() and not layer.queryable:
            raise ServiceException(
                "InvalidParameterValue", f"FILTER: {layer.id} is a picture, which has no fields.", locator="filter"
            )
    return [
        read_filter(p.strip(), layer, catalogue) if p.strip() else "" for p, layer in zip(parts, layers, strict=True)
    ]


def _times(given: Parameters, layers: Sequence[MapLayer]) -> list[str]:
    """A filter for each layer that has time. A dimension that no layer has is refused: the map would be wrong."""
    timed = [layer for layer in layers if layer.time_field]
    for name, value in given.items():
        if value and (name == "ELEVATION" or name.startswith("DIM_") or (name == "TIME" and not timed)):
            raise ServiceException("InvalidDimensionValue", f"No layer has the dimension {shown(name)}.")
    text = read.optional(given, "TIME")
    if not text:
        return [""] * len(layers)
    return [
        within(layer.time_field, read_times(text, layer.types[layer.time_field])) if layer.time_field else ""
        for layer in layers
    ]
