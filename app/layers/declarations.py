"""The layer and style files of ogc_config, made into the frozen objects everything is derived from.

A mistake in a file stops the start: its file, line and what was expected are told.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import Field as Key

from app.db.base import Base, fields_of, table_of
from app.db.models import load_models
from app.minerals.vocabularies import read_vocabularies
from app.releases.states import RUN_TABLE, TALLY_TABLE, TEXT_TABLE, State, partition
from gis.declaration import Declaration, nearest, read_declaration
from gis.errors import InvalidDeclarationError
from gis.filters import Concepts
from gis.layer import Band, Field, FieldType, GeometryType, GmlView, Layer, Service
from gis.records.topic import TopicCategory
from gis.service import Contact, ServiceMetadata
from gis.style import Label, Shape, Style, StyleClass, Symbol
from gis.vocabulary import Vocabulary

CONFIGURATION = Path(__file__).resolve().parents[2] / "ogc_config"

CREDITS = ("source", "licence")
"""Fields that say whom a feature is owed to."""

_IDENTIFIER = r"^[a-z][a-z0-9-]*$"
_COLOUR = r"^#[0-9a-fA-F]{6}$"


class LayerFile(Declaration):
    """ogc_config/layers/<id>.yml"""

    id: str = Key(pattern=_IDENTIFIER)
    model: str
    title: str
    abstract: str
    keywords: list[str]
    styles: list[str] = Key(min_length=1)
    summary: list[str]
    group: str = "Other"
    topic: TopicCategory = "geoscientificInformation"
    services: list[Literal["features", "tiles", "wms"]] = ["features", "tiles", "wms"]
    minzoom: int = Key(default=0, ge=0, le=22)
    maxzoom: int = Key(default=14, ge=0, le=22)
    time_field: str | None = None
    gml: str | None = None


class GmlFile(Declaration):
    """ogc_config/gml/<element>.yml"""

    element: str
    namespace: str
    prefix: str
    schema_: str = Key(alias="schema")
    gml: Literal["3.1.1", "3.2.1"]
    properties: list[str]
    mandatory: list[str]


class SymbolFile(Declaration):
    """Symbol of a style or class; what a class leaves out it takes from its style's symbol."""

    shape: Shape = "circle"
    size: float | int = Key(default=8, gt=0, le=64)
    fill: str | None = Key(default="#7a7a7a", pattern=_COLOUR)
    fill_opacity: float | int = Key(default=1.0, ge=0, le=1)
    stroke: str | None = Key(default="#ffffff", pattern=_COLOUR)
    stroke_width: float | int = Key(default=1.0, ge=0, le=20)
    dash: list[float | int] = []


class ClassFile(SymbolFile):
    """One class of a style: a value of the style's field."""

    title: str
    value: str | None = None


class LabelFile(Declaration):
    """Text beside features."""

    field: str
    minzoom: int = Key(ge=0, le=22)


class StyleFile(Declaration):
    """ogc_config/styles/<id>.yml; classes: vocabulary makes one class a term of the field's vocabulary.

    colours: colour by code, for terms to which their vocabulary gives none; narrower terms take the nearest one above.
    """

    id: str = Key(pattern=_IDENTIFIER)
    title: str
    abstract: str
    field: str | None = None
    symbol: SymbolFile = SymbolFile()
    classes: Literal["vocabulary"] | list[ClassFile] = []
    colours: dict[str, Annotated[str, Key(pattern=_COLOUR)]] = {}
    other: ClassFile
    label: LabelFile | None = None


class ContactFile(Declaration):
    """Who to ask."""

    organisation: str
    person: str = ""
    position: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    city: str = ""
    country: str = ""
    url: str = ""


class ServiceFile(Declaration):
    """ogc_config/service.yml"""

    title: str
    abstract: str
    keywords: list[str]
    contact: ContactFile
    fees: str = "none"
    access_constraints: str = "none"
    licence: str = ""
    licence_url: str = ""


@dataclass(frozen=True)
class PublishedLayer:
    """A layer with its styles, the default first, its table, the group it is listed in and its ISO 19115 topic."""

    layer: Layer
    styles: tuple[Style, ...]
    model: type[Base]
    group: str
    topic: str = "geoscientificInformation"


@dataclass(frozen=True)
class Declarations:
    """All layers by id, in the order of the files' names by group, and the vocabularies their fields use."""

    layers: Mapping[str, PublishedLayer]
    vocabularies: Mapping[str, Vocabulary]


def read_declarations(folder: Path = CONFIGURATION) -> Declarations:
    """Read every layer and style below a folder. Raises InvalidDeclarationError that names file and line."""
    vocabularies = read_vocabularies()
    published = {}
    for path in sorted((folder / "layers").glob("*.yml")):
        one = _published(path, folder / "styles", vocabularies)
        published[one.layer.id] = one
    _check_owners(folder / "layers", published)
    if not published:
        raise InvalidDeclarationError(f"{folder / 'layers'}: there is no layer file here")
    return Declarations(published, vocabularies)


def read_service(base_url: str, title: str, folder: Path = CONFIGURATION) -> ServiceMetadata:
    """Metadata of the services at an address, for a region of that title."""
    file = read_declaration(folder / "service.yml", ServiceFile)
    return ServiceMetadata(
        title=f"{file.title} {title}",
        abstract=file.abstract,
        keywords=tuple(file.keywords),
        base_url=base_url,
        contact=Contact(**file.contact.model_dump()),
        fees=file.fees,
        access_constraints=file.access_constraints,
        licence=file.licence,
        licence_url=file.licence_url,
    )


def _published(path: Path, styles: Path, vocabularies: Mapping[str, Vocabulary]) -> PublishedLayer:
    file = read_declaration(path, LayerFile)
    if file.id != path.stem:
        raise InvalidDeclarationError(f"{path}: line 1: id is {file.id!r}, but the file's name says {path.stem!r}")
    model = _model(path, file.model)
    layer = _layer(path, file, model)
    for one in layer.fields:
        if one.vocabulary and one.vocabulary not in vocabularies:
            raise InvalidDeclarationError(f"{file.model}.{one.name}: there is no vocabulary {one.vocabulary!r}")
    drawn = tuple(_style(_style_path(path, styles, name), layer, vocabularies) for name in file.styles)
    needed = dict.fromkeys(name for style in drawn for name in style.fields)
    tallied = _tallied(layer, drawn)
    layer = replace(layer, style_fields=tuple(needed), tally_table=TALLY_TABLE, tallied_fields=tallied)
    layer = replace(layer, concepts=_concepts(layer, vocabularies))
    return PublishedLayer(layer, drawn, model, file.group, file.topic)


def _check_owners(folder: Path, published: Mapping[str, PublishedLayer]) -> None:
    """A style belongs to one layer: its id is its address."""
    owners: dict[str, str] = {}
    for name, one in published.items():
        for style in one.styles:
            if style.id in owners:
                owner = owners[style.id]
                raise InvalidDeclarationError(f"{folder / name}.yml: styles: {style.id!r} is a style of {owner!r}")
            owners[style.id] = name


def _style_path(path: Path, styles: Path, name: str) -> Path:
    found = styles / f"{name}.yml"
    if not found.is_file():
        known = [one.stem for one in sorted(styles.glob("*.yml"))]
        raise InvalidDeclarationError(f"{path}: styles: there is no file {found}{nearest(name, known)}")
    return found


def _model(path: Path, name: str) -> type[Base]:
    load_models()
    known = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    known = {key: found for key, found in known.items() if table_of(found).info.get("partitions")}
    if name not in known:
        raise InvalidDeclarationError(
            f"{path}: model: there is no published table {name!r}{nearest(name, list(known))}"
        )
    return known[name]


def _layer(path: Path, file: LayerFile, model: type[Base]) -> Layer:
    table = table_of(model)
    fields = fields_of(table)
    _check_names(path, "summary", file.summary, fields)
    _check_time(path, file.time_field, fields)
    shape = table.columns["shape"].type
    return Layer(
        id=file.id,
        title=file.title,
        abstract=file.abstract,
        keywords=tuple(file.keywords),
        geometry_type=_GEOMETRY_TYPES[str(getattr(shape, "geometry_type", ""))],
        schema=str(table.schema),
        table=partition(table, State.CURRENT),
        fields=fields,
        style=file.styles[0],
        summary=tuple(file.summary),
        services=frozenset(Service(s) for s in file.services),
        attribution="",
        licence="",
        minzoom=file.minzoom,
        maxzoom=file.maxzoom,
        place_field="place" if "place" in table.columns else None,
        rank_field="minzoom",
        bands=_bands(table),
        text_table=TEXT_TABLE,
        run_table=RUN_TABLE if "place" in table.columns else None,
        keyed_fields=_keyed(table),
        past_table=partition(table, State.SUPERSEDED),
        time_field=file.time_field,
        gml=_gml(path, file.gml) if file.gml else None,
    )


def _bands(table: sa.Table) -> tuple[Band, ...]:
    """The simplified geometries of a table, coarsest first: columns shape_<zoom>."""
    zooms = sorted(int(name[6:]) for name in table.columns.keys() if re.fullmatch(r"shape_\d+", name))  # noqa: SIM118
    return tuple(Band(zoom, f"shape_{zoom}") for zoom in zooms)


def _keyed(table: sa.Table) -> frozenset[str]:
    """The fields of a table that have an index in which the number comes next."""
    columns = ([column.name for column in index.columns] for index in table.indexes)
    return frozenset(names[0] for names in columns if names[1:] == ["number"])


def _tallied(layer: Layer, styles: Iterable[Style]) -> frozenset[str]:
    """The fields whose features are counted by value: those that are asked for or drawn by, lists of terms, sources."""
    lists = (one.name for one in layer.public_fields if one.type is FieldType.STRINGS and one.vocabulary)
    drawn = (style.field for style in styles if style.field)
    known = (name for name in CREDITS if layer.field(name))
    return frozenset((*layer.keyed_fields, *lists, *drawn, *known))


def _concepts(layer: Layer, vocabularies: Mapping[str, Vocabulary]) -> dict[str, dict[tuple[str, ...], str]]:
    """The concepts of a layer's lists that stand for more than one value."""
    hierarchy = Concepts(vocabularies)
    found: dict[str, dict[tuple[str, ...], str]] = {}
    for name in sorted(layer.listed_fields):
        field = layer.field(name)
        if field is not None and field.vocabulary:
            values = {hierarchy(field, term.code): term.code for term in vocabularies[field.vocabulary]}
            found[name] = {of: concept for of, concept in values.items() if len(of) > 1}
    return found


def _gml(path: Path, name: str) -> GmlView:
    folder = path.parents[1] / "gml"
    known = [found.stem for found in sorted(folder.glob("*.yml"))]
    if name not in known:
        raise InvalidDeclarationError(f"{path}: gml: there is no view {name!r}{nearest(name, known)}")
    file = read_declaration(folder / f"{name}.yml", GmlFile)
    missing = [one for one in file.mandatory if one not in file.properties]
    if missing:
        raise InvalidDeclarationError(f"{folder / name}.yml: mandatory: {missing[0]!r} is none of the properties")
    return GmlView(
        file.element,
        file.namespace,
        file.prefix,
        file.schema_,
        file.gml,
        tuple(file.properties),
        frozenset(file.mandatory),
    )


def _style(path: Path, layer: Layer, vocabularies: Mapping[str, Vocabulary]) -> Style:
    file = read_declaration(path, StyleFile)
    if file.id != path.stem:
        raise InvalidDeclarationError(f"{path}: line 1: id is {file.id!r}, but the file's name says {path.stem!r}")
    wanted = [name for name in (file.field, file.label.field if file.label else None) if name]
    _check_names(path, "field", wanted, layer.public_fields)
    field = layer.field(file.field or "")
    if field and field.type is not FieldType.STRING:
        raise InvalidDeclarationError(f"{path}: field: {field.name!r} is no text but {field.type}")
    other = StyleClass(file.other.title, None, _symbol(file, file.other))
    classes = [*_classes(path, file, field, vocabularies), other]
    label = Label(file.label.field, file.label.minzoom) if file.label else None
    return Style(file.id, file.title, layer.geometry_type, file.field, tuple(classes), label, file.abstract)


def _classes(
    path: Path, file: StyleFile, field: Field | None, vocabularies: Mapping[str, Vocabulary]
) -> list[StyleClass]:
    if file.classes != "vocabulary":
        return [StyleClass(c.title, c.value, _symbol(file, c)) for c in file.classes]
    if field is None or field.vocabulary is None:
        raise InvalidDeclarationError(f"{path}: classes: the field {file.field!r} has no vocabulary to make classes of")
    vocabulary = vocabularies[field.vocabulary]
    for code in file.colours:
        if code not in vocabulary.terms:
            told = f"the vocabulary {vocabulary.id} has no term {code!r}{nearest(code, list(vocabulary.terms))}"
            raise InvalidDeclarationError(f"{path}: colours: {told}")
    uses_uri = field.name.endswith("_uri")
    coloured = ((term, term.colour or vocabulary.inherited(term.code, file.colours)) for term in vocabulary)
    return [
        StyleClass(term.label, term.uri if uses_uri else term.code, _symbol(file, ClassFile(title="", fill=colour)))
        for term, colour in coloured
        if colour
    ]


def _symbol(style: StyleFile, one: ClassFile) -> Symbol:
    """The style's symbol with what the class says of its own."""
    said = style.symbol.model_dump() | {k: v for k, v in one.model_dump(exclude_unset=True).items() if k in _SYMBOL}
    return Symbol(**{**said, "dash": tuple(said["dash"])})


def _check_names(path: Path, key: str, names: list[str], fields: tuple[Field, ...]) -> None:
    known = [f.name for f in fields]
    for name in names:
        if name not in known:
            raise InvalidDeclarationError(f"{path}: {key}: there is no field {name!r}{nearest(name, known)}")


def _check_time(path: Path, name: str | None, fields: tuple[Field, ...]) -> None:
    if name is None:
        return
    _check_names(path, "time_field", [name], fields)
    field = next(f for f in fields if f.name == name)
    if field.type not in (FieldType.DATE, FieldType.DATETIME) or not field.public:
        raise InvalidDeclarationError(f"{path}: time_field: {name!r} is no public date or date-time but {field.type}")


_SYMBOL = frozenset(SymbolFile.model_fields)
_GEOMETRY_TYPES = {
    "POINT": GeometryType.POINT,
    "MULTILINESTRING": GeometryType.LINE,
    "MULTIPOLYGON": GeometryType.POLYGON,
}
