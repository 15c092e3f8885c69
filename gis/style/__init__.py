"""One style source for every rendering: MapLibre, SLD, MapServer classes, QML and legend say the same.

A style is a base symbol and, if it has a field, one class a value with its own colours.
"""

# SPDX-License-Identifier: Apache-2.0

from gis.style.maplibre import maplibre_layers, maplibre_style
from gis.style.model import Label, Style, StyleClass, Symbol, scale_of_zoom
from gis.style.shapes import SHAPES, Shape

__all__ = [
    "SHAPES",
    "Label",
    "Shape",
    "Style",
    "StyleClass",
    "Symbol",
    "maplibre_layers",
    "maplibre_style",
    "scale_of_zoom",
]
