"""The provider plugin through which pygeoapi learns the fields of a layer; items do not pass through it."""

from typing import Any

from pygeoapi.provider.base import BaseProvider

from gis.layer import Layer


class LayerReference:
    """A layer inside a pygeoapi configuration, which is copied deeply; a layer is frozen and need not be."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    def __deepcopy__(self, memo: dict[int, Any]) -> "LayerReference":
        return self


class FieldsProvider(BaseProvider):  # type: ignore[misc]
    """Tells the fields of a layer, as JSON Schema by name."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self._layer: Layer = provider_def["data"].layer
        self.geom_field = self._layer.geometry_field
        self.get_fields()

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """JSON Schema of every public field."""
        fields: dict[str, dict[str, Any]] = {f.name: f.schema() for f in self._layer.public_fields}
        self._fields = fields
        return fields
