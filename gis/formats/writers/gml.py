"""GML: features as a published view has them (3.2.1, or 3.1.1 where the view is made upon that), or in our own schema.

A field that the view names fills the view's element, in the view's order; fields of our own follow behind them, in our
own namespace, where such views allow any. Where a mandatory element has no value stands the OGC's name of "unknown".
EPSG:4326 is written latitude first, as its definition and the GML standards have it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry.base import BaseGeometry

from gis.crs import CoordinateSystem
from gis.formats.writer import Provenance
from gis.formats.writers.columns import Geometries, attributes, batched, geometries, rounded
from gis.formats.writers.markup import Coordinates, each, escape, escaped, joined, parts, places, wrapped
from gis.layer import FieldType, GeometryType, GmlView, Layer

NIL = "http://www.opengis.net/def/nil/ogc/0/unknown"
OWN_PREFIX = "app"

_NAMESPACES = {"3.1.1": "http://www.opengis.net/gml", "3.2.1": "http://www.opengis.net/gml/3.2"}
_SCHEMAS = {
    "3.1.1": "http://schemas.opengis.net/gml/3.1.1/base/gml.xsd",
    "3.2.1": "http://schemas.opengis.net/gml/3.2.1/gml.xsd",
}
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def chunks(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    """The text of a gml:FeatureCollection; the terms are its description."""
    return batched(_pieces(layer, rows, about))


def _pieces(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    encoding = Encoding(layer, about)
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gml:FeatureCollection{encoding.declarations} gml:id="{layer.id}">\n'
        f"<gml:description>{escape(about.text())}</gml:description>\n"
        f"<gml:name>{escape(about.title)}</gml:name>\n"
    ).encode()
    for batch in rows:
        made = encoding.features(batch)
        yield "".join(f"<gml:featureMember>{feature}</gml:featureMember>\n" for feature in made).encode()
    yield b"</gml:FeatureCollection>\n"


def feature(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> bytes:
    """The one feature of the rows as a document of its own. Raises ValueError unless it is one."""
    encoding = Encoding(layer, about)
    made = [one for batch in rows for one in encoding.features(batch)]
    if len(made) != 1:
        raise ValueError(f"{len(made)} features do not make a document of one")
    name = f"<{encoding.element}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{made[0].replace(name, name + encoding.declarations, 1)}\n'.encode()
    )


def own_namespace(base_url: str) -> str:
    """Namespace of the elements that are ours."""
    return f"{base_url}/ns/features"


def own_schema_address(layer: Layer, base_url: str) -> str:
    """Where the XML schema of a layer without a published view is."""
    return f"{base_url}/ogc/collections/{layer.id}/schema.xsd"


class Encoding:
    """Features of one layer as GML elements, for a document that declares the namespaces.

    element: the qualified name of a feature's element. namespaces: address by prefix. schemas: address of the schema
    by namespace.
    """

    def __init__(self, layer: Layer, about: Provenance) -> None:
        self._layer = layer
        self._about = about
        self._view = layer.gml or _own_view(layer, about.base_url)
        self.version = self._view.gml
        self.element = f"{self._view.prefix}:{self._view.element}"
        own = own_namespace(about.base_url)
        self.namespaces = {"gml": _NAMESPACES[self.version], self._view.prefix: self._view.namespace, OWN_PREFIX: own}
        self.schemas = {self.namespaces["gml"]: _SCHEMAS[self.version], self._view.namespace: self._view.schema}
        self._shapes = _Shapes(layer.geometry_type, about.crs, self.version)
        id_prefix = f"{self._view.prefix}.{self._view.element.lower()}" if layer.gml else layer.id
        self._id_prefix = f"{id_prefix}."
        self._passed = 0

    @property
    def declarations(self) -> str:
        """The attributes that declare the namespaces and name their schemas."""
        declared = "".join(f' xmlns:{prefix}="{escape(uri)}"' for prefix, uri in self.namespaces.items())
        located = " ".join(f"{namespace} {address}" for namespace, address in self.schemas.items())
        return f'{declared} xmlns:xsi="{_XSI}" xsi:schemaLocation="{escape(located)}"'

    def features(self, batch: pa.RecordBatch) -> list[str]:
        """Each row of a batch as an element."""
        ids = [f"{self._id_prefix}{one}" for one in self._ids(batch)]
        columns = [wrapped(f'<{self.element} gml:id="', pa.array(ids, pa.string()), '">')]
        columns += [self._property(name, batch, ids) for name in self._view.properties]
        columns += [self._own(name, batch) for name in attributes(batch.schema, self._layer) if self._is_own(name)]
        columns.append(pa.repeat(f"</{self.element}>", batch.num_rows))
        return joined(columns, batch.num_rows)

    def _ids(self, batch: pa.RecordBatch) -> list[str]:
        """Ends of the features' ids: their identifiers, or their numbers when the query left those out."""
        if self._layer.id_field in batch.schema.names:
            return [gml_id(identifier) for identifier in batch.column(self._layer.id_field).to_pylist()]
        first = self._passed + 1
        self._passed += batch.num_rows
        return [str(number) for number in range(first, self._passed + 1)]

    def _is_own(self, name: str) -> bool:
        return name not in self._view.properties

    def _property(self, name: str, batch: pa.RecordBatch, ids: list[str]) -> pa.Array:
        tag = f"{self._view.prefix}:{name}"
        if name == self._layer.geometry_field:
            made = self._shapes.elements(tag, geometries(batch, self._layer), ids)
        elif name not in batch.schema.names:
            made = pa.nulls(batch.num_rows, pa.string())
        elif name == self._layer.id_field:
            made = wrapped(f"<{tag}>", self._addresses(batch.column(name)), f"</{tag}>")
        else:
            made = _element(tag, batch.column(name))
        return pc.fill_null(made, self._missing(name, tag))

    def _missing(self, name: str, tag: str) -> str:
        """What stands for an element without a value."""
        if name not in self._view.mandatory:
            return ""
        if name != self._layer.geometry_field:
            return f"<{tag}>{NIL}</{tag}>"
        return f"<{tag}/>" if self.version == "3.1.1" else f'<{tag} nilReason="unknown"/>'

    def _own(self, name: str, batch: pa.RecordBatch) -> pa.Array:
        return pc.fill_null(_element(f"{OWN_PREFIX}:{name}", batch.column(name)), "")

    def _addresses(self, column: pa.Array) -> pa.Array:
        """Identifiers as the addresses they resolve at."""
        base = f"{self._about.base_url}/id/"
        return escaped(pa.array([f"{base}{quote(one, safe='')}" for one in column.to_pylist()], pa.string()))


def gml_id(identifier: str) -> str:
    """An identifier as the end of an XML id; two differ if the identifiers do."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda match: f"_{ord(match[0]):x}_", identifier)


def _element(tag: str, column: pa.Array) -> pa.Array:
    """An element a value, several for a list."""
    if not pa.types.is_list(column.type):
        return wrapped(f"<{tag}>", escaped(column), f"</{tag}>")
    values = pc.fill_null(wrapped(f"<{tag}>", escaped(column.flatten()), f"</{tag}>"), "")
    lengths = pc.fill_null(pc.list_value_length(column), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    return pc.binary_join(pa.ListArray.from_arrays(offsets, values), "")


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Geometries as GML in one coordinate system, whose first axis comes first."""

    type: GeometryType
    crs: CoordinateSystem
    version: str

    def elements(self, tag: str, shapes: Geometries | None, ids: list[str]) -> pa.Array:
        """A property element each; null where there is no geometry."""
        if shapes is None:
            return pa.nulls(len(ids), pa.string())
        shapes = rounded(shapes, self.crs)
        if self.crs.is_stored or self.crs.flipped:
            shapes = shapely.transform(shapes, lambda places: places[:, ::-1])
        make = partial(_SHAPES[self.type], self._attributes, ids)
        return wrapped(f"<{tag}>", each(shapes, make), f"</{tag}>")

    def _attributes(self, name: str) -> str:
        srs = f"urn:ogc:def:crs:EPSG::{self.crs.srid}"
        return f' srsName="{srs}" srsDimension="2" gml:id="{name}"'


Attributes = Callable[[str], str]


def _point(attributes: Attributes, ids: list[str], number: int, shape: BaseGeometry) -> str:
    return (
        f"<gml:Point{attributes(f'{ids[number]}.shape')}><gml:pos>{_places(parts(shape)[0][0])}</gml:pos></gml:Point>"
    )


def _lines(attributes: Attributes, ids: list[str], number: int, shape: BaseGeometry) -> str:
    name = f"{ids[number]}.shape"
    lines = (
        f'<gml:curveMember><gml:LineString gml:id="{name}.{n}"><gml:posList>{_places(rings[0])}</gml:posList>'
        "</gml:LineString></gml:curveMember>"
        for n, rings in enumerate(parts(shape), start=1)
    )
    return f"<gml:MultiCurve{attributes(name)}>{''.join(lines)}</gml:MultiCurve>"


def _polygons(attributes: Attributes, ids: list[str], number: int, shape: BaseGeometry) -> str:
    name = f"{ids[number]}.shape"
    polygons = (
        f'<gml:surfaceMember><gml:Polygon gml:id="{name}.{n}">{_boundaries(rings)}</gml:Polygon></gml:surfaceMember>'
        for n, rings in enumerate(parts(shape), start=1)
    )
    return f"<gml:MultiSurface{attributes(name)}>{''.join(polygons)}</gml:MultiSurface>"


def _boundaries(rings: list[Coordinates]) -> str:
    sides = ("exterior", *["interior"] * (len(rings) - 1))
    return "".join(
        f"<gml:{side}><gml:LinearRing><gml:posList>{_places(ring)}</gml:posList></gml:LinearRing></gml:{side}>"
        for side, ring in zip(sides, rings, strict=True)
    )


def _places(ring: Coordinates) -> str:
    return places(ring, " ", " ")


_SHAPES = {GeometryType.POINT: _point, GeometryType.LINE: _lines, GeometryType.POLYGON: _polygons}


# Our own schema


def application_schema(layer: Layer, base_url: str) -> bytes:
    """XML schema (GML 3.2.1, simple features level 0 or 1) of a layer that has no published view.

    Nothing but the identifier is mandatory, as a query chooses the properties it wants.
    """
    own = escape(own_namespace(base_url))
    view = _own_view(layer, base_url)
    elements = "\n".join(f"     {_declared(layer, name)}" for name in view.properties)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:gml="{_NAMESPACES[view.gml]}" xmlns:{OWN_PREFIX}="{own}"
  targetNamespace="{own}" elementFormDefault="qualified" version="1.0">
 <xs:import namespace="{_NAMESPACES[view.gml]}" schemaLocation="{_SCHEMAS[view.gml]}"/>
 <xs:element name="{layer.id}" type="{OWN_PREFIX}:{layer.id}Type" substitutionGroup="gml:AbstractFeature"/>
 <xs:complexType name="{layer.id}Type">
  <xs:complexContent>
   <xs:extension base="gml:AbstractFeatureType">
    <xs:sequence>
{elements}
    </xs:sequence>
   </xs:extension>
  </xs:complexContent>
 </xs:complexType>
</xs:schema>
""".encode()


def _own_view(layer: Layer, base_url: str) -> GmlView:
    names = (*(field.name for field in layer.public_fields), layer.geometry_field)
    schema = own_schema_address(layer, base_url)
    mandatory = frozenset((layer.id_field,))
    return GmlView(layer.id, own_namespace(base_url), OWN_PREFIX, schema, "3.2.1", names, mandatory)


def _declared(layer: Layer, name: str) -> str:
    field = layer.field(name)
    if field is None:
        kind = _SHAPE_TYPES[layer.geometry_type]
        return f'<xs:element name="{name}" type="gml:{kind}PropertyType" minOccurs="0"/>'
    least = "" if name == layer.id_field else ' minOccurs="0"'
    most = ' maxOccurs="unbounded"' if field.type is FieldType.STRINGS else ""
    documentation = f"<xs:annotation><xs:documentation>{escape(field.title)}</xs:documentation></xs:annotation>"
    return f'<xs:element name="{name}" type="xs:{_TYPES[field.type]}"{least}{most}>{documentation}</xs:element>'


_SHAPE_TYPES: Mapping[GeometryType, str] = {
    GeometryType.POINT: "Point",
    GeometryType.LINE: "MultiCurve",
    GeometryType.POLYGON: "MultiSurface",
}
_TYPES: Mapping[FieldType, str] = {
    FieldType.STRING: "string",
    FieldType.STRINGS: "string",
    FieldType.INTEGER: "long",
    FieldType.NUMBER: "double",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "dateTime",
}
