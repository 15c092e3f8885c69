"""Styles, filters and times of a map request: they change the picture as they say, and reach nothing else."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

import pytest
from httpx2 import Response
from lxml import etree
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.ogc.answers import Answers
from app.ogc.wms import Wms
from gis.mapserver.fastcgi import FastCGIClient
from gis.style.sld import sld
from tests.gis.mapserver.engine import (
    PUBLIC_URL,
    TRICKY,
    Engine,
    colour,
    get_info,
    get_map,
    published,
    running_cluster,
    running_engine,
)

GOLD, TIN, TRICKY_PLACE, REST, UNIT = (100, 400), (200, 400), (300, 401), (400, 400), (600, 400)
WHITE = (255, 255, 255)


@dataclass
class Service:
    http: TestClient
    engine: Engine

    def get(self, query: str) -> Response:
        return self.http.get(f"/wms?{query}")

    def drawn(self, layers: str = "places", **changes: str) -> dict[tuple[int, int], tuple[int, ...]]:
        """Colours at the places that are drawn upon."""
        response = self.get(get_map(layers, **changes))
        assert response.headers["content-type"] == "image/png", response.text
        found = {place: colour(response.content, place)[:3] for place in (GOLD, TIN, TRICKY_PLACE, REST, UNIT)}
        return {place: seen for place, seen in found.items() if seen != WHITE}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running_cluster() as cluster, running_engine(cluster) as engine:
        wms = Wms(Answers(FastCGIClient(engine.pool.socket)), lambda: engine.catalogue, base_url=PUBLIC_URL)
        with TestClient(Starlette(routes=wms.routes())) as http:
            yield Service(http, engine)


def refused(response: Response) -> tuple[str | None, str]:
    assert response.status_code == 400, response.text[:300]
    error = etree.fromstring(response.content)[0]
    return error.get("code"), error.text or ""


def equal(name: str, value: str) -> str:
    return (
        f'<Filter xmlns="http://www.opengis.net/ogc"><PropertyIsEqualTo><PropertyName>{name}</PropertyName>'
        f"<Literal>{escape(value)}</Literal></PropertyIsEqualTo></Filter>"
    )


# Filter and time


def test_filter_leaves_what_it_names(service: Service) -> None:
    assert set(service.drawn(filter=equal("kindOf", "gold"))) == {GOLD}
    assert set(service.drawn(filter=equal("kindOf", TRICKY))) == {TRICKY_PLACE}
    assert set(service.drawn(filter=equal("kindOf", "none"))) == set()


def test_filters_belong_to_their_layers(service: Service) -> None:
    assert set(service.drawn("units,places", filter=f"(){equal('kindOf', 'tin').join('()')}")) == {TIN, UNIT}
    found = service.drawn("units,places", filter=f"({equal('name', 'none')})()")
    assert set(found) == {GOLD, TIN, TRICKY_PLACE, REST}


def test_what_a_filter_hides_cannot_be_asked(service: Service) -> None:
    assert service.get(get_info(filter=equal("kindOf", "gold"))).json()["numberReturned"] == 1
    assert service.get(get_info(filter=equal("kindOf", "tin"))).json()["numberReturned"] == 0


@pytest.mark.parametrize(
    "time", ["2024", "2024-05", "2024-05-01", "2023/2025", "2023,2024-05-01T12:00:00Z", "0001/9999"]
)
def test_time_finds_what_was_true_then(service: Service, time: str) -> None:
    assert set(service.drawn(time=time)) == {GOLD}


@pytest.mark.parametrize("time", ["2023", "2024-05-02", "2025/2026", "2024-04-30T23:59:59Z", "9999", "9999-12-31"])
def test_time_hides_what_was_true_at_another(service: Service, time: str) -> None:
    assert service.drawn(time=time) == {}


def test_time_is_told_in_the_capabilities(service: Service) -> None:
    root = etree.fromstring(service.get("service=WMS&version=1.3.0&request=GetCapabilities").content)
    found = root.findall(".//{*}Layer/{*}Dimension")
    assert [(one.get("name"), one.get("units"), one.text) for one in found] == [
        ("time", "ISO8601", "2020-01-01/2024-05-01")
    ]


def test_without_time_everything_is_drawn(service: Service) -> None:
    assert set(service.drawn()) == {GOLD, TIN, TRICKY_PLACE, REST}


def test_time_leaves_layers_without_time_alone(service: Service) -> None:
    assert set(service.drawn("units,places", time="2024")) == {GOLD, UNIT}
    assert service.drawn(time="2024", filter=equal("kindOf", "tin")) == {}


# Styles


def body(inner: str, version: str = "1.0.0") -> str:
    return (
        f'<StyledLayerDescriptor version="{version}" xmlns="http://www.opengis.net/sld" '
        'xmlns:ogc="http://www.opengis.net/ogc" xmlns:se="http://www.opengis.net/se" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink">{inner}</StyledLayerDescriptor>'
    )


def style(*rules: str, name: str = "places") -> str:
    return (
        f"<NamedLayer><Name>{name}</Name><UserStyle><FeatureTypeStyle>{''.join(rules)}</FeatureTypeStyle></UserStyle>"
        "</NamedLayer>"
    )


def rule(fill: str, before: str = "", mark: str = "square") -> str:
    return (
        f"<Rule>{before}<PointSymbolizer><Graphic><Mark><WellKnownName>{mark}</WellKnownName>"
        f'<Fill><CssParameter name="fill">{fill}</CssParameter></Fill></Mark><Size>20</Size></Graphic>'
        "</PointSymbolizer></Rule>"
    )


def condition(value: str) -> str:
    return (
        "<ogc:Filter><ogc:PropertyIsEqualTo><ogc:PropertyName>kindOf</ogc:PropertyName>"
        f"<ogc:Literal>{escape(value)}</ogc:Literal></ogc:PropertyIsEqualTo></ogc:Filter>"
    )


def test_a_style_of_the_client_is_drawn(service: Service) -> None:
    rules = rule("#010203", condition("gold")), rule("#0a0b0c", "<ElseFilter/>")
    assert service.drawn(sld_body=body(style(*rules))) == {
        GOLD: (1, 2, 3),
        **dict.fromkeys((TIN, TRICKY_PLACE, REST), (10, 11, 12)),
    }


def test_layers_can_come_from_the_style_alone(service: Service) -> None:
    given = dict(parse_qsl(get_map(sld_body=body(style(rule("#010203"))))))
    given.pop("layers")
    response = service.get(urlencode(given))
    assert colour(response.content, GOLD)[:3] == (1, 2, 3)


def test_a_layer_the_document_does_not_name_keeps_its_style(service: Service) -> None:
    found = service.drawn("units,places", sld_body=body(style(rule("#010203", condition("gold")))))
    assert found == {GOLD: (1, 2, 3), UNIT: (0x33, 0x66, 0x99)}


def test_one_of_several_user_styles_is_chosen(service: Service) -> None:
    def user(name: str, fill: str, default: str) -> str:
        style = f"<FeatureTypeStyle>{rule(fill)}</FeatureTypeStyle>"
        return f"<UserStyle><Name>{name}</Name><IsDefault>{default}</IsDefault>{style}</UserStyle>"

    document = body(
        f"<NamedLayer><Name>places</Name>{user('one', '#010203', '0')}{user('two', '#0a0b0c', '1')}</NamedLayer>"
    )
    assert service.drawn(sld_body=document)[GOLD] == (10, 11, 12)
    assert service.drawn(sld_body=document, styles="one")[GOLD] == (1, 2, 3)


def test_a_style_of_this_service_by_name_or_by_its_own_address(service: Service) -> None:
    alternative = service.drawn(styles="by-name")
    assert alternative != service.drawn()
    named = "<NamedLayer><Name>places</Name><NamedStyle><Name>by-name</Name></NamedStyle></NamedLayer>"
    assert service.drawn(sld_body=body(named)) == alternative
    for address in (f"{PUBLIC_URL}/ogc/styles/by-name?f=sld", f"{PUBLIC_URL}/ogc/styles/by-name?f=sld10"):
        assert service.drawn(sld=address) == alternative


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
@pytest.mark.parametrize(("layer", "name"), [(one.id, s.id) for one, styles in published() for s in styles])
def test_the_styles_this_service_writes_it_reads_back(service: Service, layer: str, name: str, version: str) -> None:
    style = next(s for one, styles in published() for s in styles if (one.id, s.id) == (layer, name))
    document = sld(layer, style, version).decode()  # type: ignore[arg-type]
    assert service.drawn(layer, sld_body=document) == service.drawn(layer, styles=name)


GRAPHIC = (
    "<Rule><PointSymbolizer><Graphic><ExternalGraphic><OnlineResource xlink:href='{}'/><Format>image/png</Format>"
    "</ExternalGraphic><Size>9</Size></Graphic></PointSymbolizer></Rule>"
)


@pytest.mark.parametrize(
    "document",
    [
        body(style(GRAPHIC.format("http://127.0.0.1:1/x.png"))),
        body(style(GRAPHIC.format("file:///etc/passwd"))),
        body("<UserLayer><RemoteOWS><Service>WFS</Service><OnlineResource xlink:href='http://x/'/></RemoteOWS></UserLayer>"),
        body("<NamedLayer><Name>places</Name><LayerFeatureConstraints/></NamedLayer>"),
        body(style(rule("#010203"), name="relief")),
        body(style(rule("url(file:///etc/passwd)"))),
        body(style(rule("#010203", mark="/usr/share/x.svg"))),
        body(style(rule("#010203", mark="ttf://DejaVu#33"))),
        body(style(rule("#010203", "<ogc:Filter><ogc:Function name='f'/></ogc:Filter>"))),
        body(style(rule("#010203", "<ogc:Filter><ogc:PropertyIsEqualTo><ogc:PropertyName>secret</ogc:PropertyName>"
                        "<ogc:Literal>1</ogc:Literal></ogc:PropertyIsEqualTo></ogc:Filter>"))),
        body(style("<Rule><TextSymbolizer><Label>[secret]<ogc:PropertyName>name</ogc:PropertyName></Label></TextSymbolizer></Rule>")),
        body(style("<Rule><TextSymbolizer><Label><ogc:PropertyName>secret</ogc:PropertyName></Label></TextSymbolizer></Rule>")),
        body(style("<Rule><se:PointSymbolizer><se:Graphic><se:InlineContent/></se:Graphic></se:PointSymbolizer></Rule>")),
        body(style("<Rule><RasterSymbolizer/></Rule>")),
        body(style(*(["<Rule><PointSymbolizer/></Rule>"] * 201))),
        body(style(rule("#010203")) + style(rule("#010203"))),
        body(style(rule("#010203")), version="3.0"),
        body(""),
        "<StyledLayerDescriptor xmlns='http://example.org/'/>",
    ],
)  # fmt: skip
def test_what_a_style_may_not_hold_is_refused(service: Service, document: str) -> None:
    assert refused(service.get(get_map(sld_body=document)))[0] == "InvalidParameterValue"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (body(style(rule("#010203"), name="none")), "LayerNotDefined"),
        (
            body("<NamedLayer><Name>places</Name><NamedStyle><Name>x</Name></NamedStyle></NamedLayer>"),
            "StyleNotDefined",
        ),
        ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + body("&x;"), "OperationParsingFailed"),
        (body(style(rule("#010203")))[:-5], "OperationParsingFailed"),
    ],
)
def test_a_wrong_document_has_its_code(service: Service, document: str, code: str) -> None:
    assert refused(service.get(get_map(sld_body=document)))[0] == code


def test_a_style_can_be_posted_but_not_without_end(service: Service) -> None:
    def post(document: str) -> Response:
        form = get_map(sld_body=document).encode()
        return service.http.post("/wms", content=form, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert colour(post(body(style(rule("#010203")))).content, GOLD)[:3] == (1, 2, 3)
    long = body("<NamedLayer>" + " " * 66_000 + "</NamedLayer>")
    assert refused(post(long)) == ("InvalidParameterValue", "SLD_BODY is longer than 65536 characters.")
    assert refused(post(long * 20))[0] == "InvalidParameterValue"


def test_mapserver_reads_styles_and_filters_of_no_other_making(service: Service) -> None:
    """What is passed on is written anew: comments, prefixes and attributes of the client are gone."""
    document = body(style(rule("#010203", f"<!-- x -->{condition('gold')}"))).replace("<Rule>", "<Rule onload='x'>")
    assert service.drawn(sld_body=document) == {GOLD: (1, 2, 3)}
