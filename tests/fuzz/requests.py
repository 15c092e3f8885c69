"""Good requests of every service, and a generator that bends them: a value is swapped, cut, repeated, filled with what
has meant something to a parser once."""

# SPDX-License-Identifier: Apache-2.0

import random
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, quote_plus

POISON = [
    *("", "'", '"', "\\", "%00", "\x00", "\n", "../../etc/passwd", "/etc/passwd", "[name]", "%zoom%"),
    *("-1", "0", "1e400", "nan", "inf", "99999999999999999999", "1;DROP TABLE x", "' OR 1=1 --", "EPSG:0"),
    *("<", "<a/>", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "(" * 50, ")(", "a,b,c"),
    *("http://127.0.0.1:1/x", "file:///etc/passwd", "/vsicurl/http://127.0.0.1:1/x", "x" * 5000, "(1,2", "x(*,*)"),
    *("𝔘\U0010ffff", "ຫ" * 40, "*", "+init=epsg:4326", "%classes-of-places%"),
    *("{", "[" * 60, '{"op":"=","args":[]}', '{"op":"' + "not" * 9 + '"}', "POINT(0 0", "POLYGON((0 0,1 1,1 0,0 0))"),
    *("2020-13-01", "../..", "0000-01-01/9999-12-31", "name IN (", "LIKE '%'", "AND", "CASEI(name)", "pg_sleep(9)"),
]
"""Values that are wrong nearly everywhere."""

MORE = [
    "map",
    "mode",
    "sld",
    "sld_body",
    "filter",
    "time",
    "exceptions",
    "namespaces",
    "qstring",
    "layer",
    "img",
    "dpi",
]
MORE += ["limit", "cursor", "bbox", "datetime", "sortby", "properties", "asOf", "f", "crs", "q"]
"""Parameters put where they do not belong."""

_BOX = "90,-12,142,30"
_WMS = f"service=WMS&version=1.3.0&layers=mines,countries&styles=&crs=CRS:84&bbox={_BOX}&width=60&height=60"
_WFS, _WCS = "service=WFS&version=2.0.0&request=", "service=WCS&version=2.0.1&request="
_WMTS = (
    "service=WMTS&version=1.0.0&layer=mines&style=mines-by-commodity&format=image/png&tilematrixset=WebMercatorQuad"
    "&tilematrix=4&request="
)
_FES = (
    '<Filter xmlns="http://www.opengis.net/fes/2.0"><And><PropertyIsLike wildCard="*" singleChar="?" escapeChar="!">'
    "<ValueReference>name</ValueReference><Literal>A*</Literal></PropertyIsLike><BBOX><ValueReference>shape"
    '</ValueReference><Envelope xmlns="http://www.opengis.net/gml/3.2" srsName="EPSG:4326"><lowerCorner>-10 90'
    "</lowerCorner><upperCorner>20 140</upperCorner></Envelope></BBOX></And></Filter>"
)
_SLD = (
    '<StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld"><NamedLayer><Name>mines</Name>'
    "<UserStyle><FeatureTypeStyle><Rule><PointSymbolizer><Graphic><Mark><WellKnownName>star</WellKnownName></Mark>"
    "<Size>9</Size></Graphic></PointSymbolizer></Rule></FeatureTypeStyle></UserStyle></NamedLayer>"
    "</StyledLayerDescriptor>"
)
_CQL = (
    "S_INTERSECTS(shape, POLYGON((90 -12, 142 -12, 142 30, 90 30, 90 -12))) AND (name LIKE 'A%' OR country IN "
    "('PHL', 'IDN') AND NOT CASEI(commodity) = CASEI('Gold')) AND startDate IS NULL"
)
_JSON = (
    '{"op":"and","args":[{"op":"=","args":[{"property":"country"},"PHL"]},{"op":"s_intersects","args":[{"property":'
    '"shape"},{"type":"Point","coordinates":[121,14]}]},{"op":"a_overlaps","args":[{"property":"commodityCodes"},'
    '["gold"]]}]}'
)
_MINES = "/ogc/collections/mines"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

GOOD = [
    f"/wms?{_WMS}&request=GetMap&format=image/png&transparent=true",
    f"/wms?{_WMS}&request=GetMap&format=image/png&filter=({_FES})({_FES})",
    f"/wms?{_WMS}&request=GetMap&format=image/png&sld_body={_SLD}",
    f"/wms?{_WMS}&request=GetFeatureInfo&query_layers=mines&info_format=text/plain&i=30&j=30",
    "/wms?service=WMS&version=1.3.0&request=GetLegendGraphic&layer=mines&format=image/png&width=20&height=20",
    "/wms?service=WMS&request=GetCapabilities&updatesequence=1",
    f"/wfs?{_WFS}GetFeature&typenames=mines&count=3&startindex=1&srsname=EPSG:3857&sortby=name DESC&propertyname=name",
    f"/wfs?{_WFS}GetFeature&typenames=mines&count=3&filter={_FES}&outputformat=application/geo%2Bjson",
    f"/wfs?{_WFS}GetPropertyValue&typenames=mines&count=2&valuereference=name",
    f"/wfs?{_WFS}DescribeFeatureType&typenames=amdis:mines",
    f"/wcs?{_WCS}GetCoverage&coverageid=relief&subset=x(11e6,12e6)&subset=y(3e5,4e5)&scalesize=x(9),y(9)",
    f"/wcs?{_WCS}DescribeCoverage&coverageid=relief",
    f"/wmts?{_WMTS}GetTile&tilerow=7&tilecol=13",
    f"/wmts?{_WMTS}GetFeatureInfo&tilerow=7&tilecol=13&i=128&j=200&infoformat=text/plain",
    "/wmts?service=WMTS&request=GetCapabilities&acceptversions=1.0.0&sections=Contents",
    f"{_MINES}/items?limit=3&bbox={_BOX}&datetime=2000-01-01/..&sortby=-name,country&properties=name,country&f=json",
    f"{_MINES}/items?limit=3&filter={_CQL}&filter-lang=cql2-text",
    f"{_MINES}/items?limit=3&filter={_JSON}&filter-lang=cql2-json&filter-crs={CRS84}",
    f"{_MINES}/items?limit=3&q=gold copper&asOf=2026-01-01&skipGeometry=true&crs={CRS84}&bbox-crs={CRS84}&bbox=1,2,3,4",
    f"{_MINES}/items?limit=2&cursor=WzQ0NDIsW10sW10sbnVsbCxmYWxzZSwiMSJd&commodity=gold&country=PHL",
    f"{_MINES}/items?limit=2&f=csv",
    f"{_MINES}/items?limit=2&f=gpkg&filter=country='PHL'",
    f"{_MINES}/items/icmm-06129?f=json&crs={CRS84}",
    f"{_MINES}/queryables?f=json",
    f"{_MINES}/schema?f=json&lang=en",
    f"{_MINES}/tiles/WebMercatorQuad/4/7/13?f=mvt",
    f"{_MINES}/map/tiles/WorldCRS84Quad/4/7/13?f=png&style=mines-by-commodity",
    f"{_MINES}/tiles/WebMercatorQuad?f=tilejson",
    "/ogc/tiles/WebMercatorQuad/4/7/13?collections=mines,countries",
    "/ogc/tileMatrixSets/WorldCRS84Quad?f=json",
    "/ogc/styles/mines-by-commodity?f=sld11",
    "/ogc/styles/mines-by-commodity/metadata?f=json",
    f"/ogc/collections/records/items?limit=3&q=mines&bbox={_BOX}&datetime=../2027-01-01&type=dataset&sortby=-title",
    "/ogc/collections/records/items?ids=mines&externalIds=x:y&filter=type='dataset'",
    "/ogc/collections/records/items/mines?f=iso",
    "/ogc/stac/collections/relief/items/relief?f=json",
    f"/ogc/collections/statistics/items?limit=3&bbox={_BOX}&country=IDN&commodity=tin&filter=year>2000&f=csv",
    "/ogc/collections/statistics/items?limit=2&cursor=7&datetime=2001-01-01/..&filter-lang=cql2-text",
    "/ogc/collections/statistics/items/7?f=json",
    "/api/v1/statistics/observations?indicator=mine-production&country=IDN&from=2000&to=2020&limit=5&f=json-stat",
    "/api/v1/statistics/totals?indicator=mine-production&commodity=tin&content=contained-metal&by=country&unit=kt",
    "/api/v1/statistics/checks?commodity=tin&check=outliers,mass-balance&limit=3&f=csv",
    "/statistics/checks?commodity=bauxite&country=IDN&lang=id",
    "/resources/unfc?commodity=gold&country=PHL&bridge=crirsco-default&lang=en",
    "/id/icmm-06129?f=json",
    "/id/dataset/mines/release/1?f=json",
    "/qgis/asean.qgs?",
    "/datasets/mines?lang=en",
    "/api/v1/layers?f=json",
    "/api/v1/search?q=timah&kind=site&limit=3",
    "/api/v1/search/suggest?q=grasburg&limit=3",
    "/search?q=timah&kind=commodity&lang=id",
]
"""Requests of every service that are answered."""

_POSTED = (
    '<wfs:GetFeature xmlns:wfs="http://www.opengis.net/wfs/2.0" service="WFS" version="2.0.0" count="2">'
    f'<wfs:Query typeNames="mines">{_FES}</wfs:Query></wfs:GetFeature>'
)


@dataclass(frozen=True)
class Request:
    """One request as it is sent. A body makes it a POST of XML."""

    path: str
    body: bytes = b""

    @property
    def told(self) -> str:
        """What the client sent, as a text that may come back to it."""
        return f"{dict(parse_qsl(self.path.partition('?')[2]))} {self.path} {self.body.decode(errors='replace')}"


def malformed(seed: int, number: int) -> Request:
    """The request of that number. The same seed gives the same."""
    draw = random.Random(f"{seed} {number}")
    if draw.random() < 0.1:
        return Request(draw.choice(["/wfs", "/wms"]), bent_document(draw, _POSTED).encode(errors="replace"))
    path, _, query = draw.choice(GOOD).partition("?")
    if draw.random() < 0.25:
        path = bent_path(draw, path)
    return Request(f"{path}?{bent_query(draw, query)}")


def bent_query(draw: random.Random, query: str) -> str:
    """A good query with one to three things wrong."""
    pairs = parse_qsl(query, keep_blank_values=True) or [(draw.choice(MORE), draw.choice(POISON))]
    for _ in range(draw.randint(1, 3)):
        place = draw.randrange(len(pairs))
        name, value = pairs[place]
        match draw.randrange(7):
            case 0:
                pairs[place] = name, draw.choice(POISON)
            case 1:
                cut = draw.randrange(len(value) + 1)
                pairs[place] = name, value[:cut] + draw.choice(POISON) + value[cut:]
            case 2:
                pairs[place] = name, value[: draw.randrange(len(value) + 1)]
            case 3 if len(pairs) > 3:
                del pairs[place]
            case 4:
                pairs.append((draw.choice(MORE), draw.choice(POISON)))
            case 5:
                pairs[place] = name, draw.choice(pairs)[1]
            case _:
                pairs[place] = name, "".join(draw.sample(value, len(value)))
    return "&".join(f"{quote_plus(name)}={quote_plus(value, errors='surrogatepass')}" for name, value in pairs)


def bent_path(draw: random.Random, path: str) -> str:
    """A good path with a segment swapped, cut or doubled."""
    segments = path.split("/")[1:]
    place = draw.randrange(len(segments))
    match draw.randrange(3):
        case 0:
            segments[place] = quote(draw.choice(POISON), safe="")
        case 1:
            segments[place] = segments[place][: draw.randrange(len(segments[place]) + 1)]
        case _:
            segments.insert(place, segments[place])
    return "/" + "/".join(segments)


def bent_document(draw: random.Random, document: str) -> str:
    """A good document with a piece put in or in place of another."""
    cut, end = sorted(draw.randrange(len(document)) for _ in range(2))
    return document[:cut] + draw.choice(POISON) + document[draw.choice([cut, end]) :]
