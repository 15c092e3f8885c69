"""The same record in each of its formats, read back by what reads that format elsewhere."""

# SPDX-License-Identifier: Apache-2.0

import json
import os
from pathlib import Path
from typing import Any, get_args

import pytest
import xmlschema
from lxml import etree
from owslib.iso import MD_Metadata
from rdflib import RDF, SKOS, Graph, Literal, Namespace, URIRef

from gis.formats import WRITERS
from gis.records import Record, dcat, geojson, iso19139, licence, schema_org
from gis.records.topic import TopicCategory
from tests.gis.records.examples import BARE, BASE, RELEASE, SERVICE, TABLE, record, uri

SOURCE = os.environ.get("AMDIS_SOURCE_DATA", "")
needs_schemas = pytest.mark.skipif(not SOURCE, reason="AMDIS_SOURCE_DATA does not name the folder of source files")
ALL = [record(), RELEASE, BARE, TABLE]
DCAT, DCT = Namespace("http://www.w3.org/ns/dcat#"), Namespace("http://purl.org/dc/terms/")
FOAF, VCARD = Namespace("http://xmlns.com/foaf/0.1/"), Namespace("http://www.w3.org/2006/vcard/ns#")
AUTHORITY = "http://publications.europa.eu/resource/authority"

# rdflib's own reader of JSON-LD uses a class that rdflib calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
every_record = pytest.mark.parametrize("one", ALL, ids=lambda one: one.id)


# GeoJSON


@every_record
def test_record_has_what_the_record_schema_asks_for(one: Record) -> None:
    made = geojson.feature(one, uri)
    assert {"id", "type", "geometry", "time", "properties", "links"} <= made.keys()
    assert {"type", "title"} <= made["properties"].keys()
    assert None not in made["properties"].values()
    assert geojson.CORE in made["conformsTo"]
    assert all(link["href"] and link["rel"] for link in made["links"])


def test_times_of_a_record_are_in_utc_with_an_open_end() -> None:
    made = geojson.feature(record(), uri)
    assert made["time"] == {"interval": ["2026-01-01T00:00:00Z", ".."]}
    assert made["properties"]["updated"] == "2026-06-01T12:30:00Z"
    assert geojson.feature(RELEASE, uri)["time"]["interval"][1] == "2026-06-01T12:30:00Z"
    assert geojson.feature(BARE, uri)["time"] is None


def test_releases_and_dataset_lead_to_one_another() -> None:
    def rels(one: Record) -> dict[str, str]:
        return {link["rel"]: link["href"] for link in geojson.feature(one, uri)["links"]}

    assert rels(record())["version"] == uri("mines.release.1")
    assert rels(RELEASE)["latest-version"] == uri("mines")
    assert rels(RELEASE)["successor-version"] == uri("mines.release.2")
    assert "predecessor-version" not in rels(RELEASE)


def test_several_licences_are_various_and_an_unknown_one_is_other() -> None:
    assert geojson.properties(record())["license"] == "CC-BY-4.0"
    assert geojson.properties(BARE)["license"] == "various"
    assert geojson.properties(record(licences=(licence("Ask us"),)))["license"] == "other"
    assert "license" not in geojson.properties(record(licences=()))


# ISO 19139


@every_record
def test_iso_19139_is_read_by_owslib(one: Record) -> None:
    read = MD_Metadata(etree.fromstring(iso19139.write(one)))
    found = read.identification[0]
    assert read.identifier == one.uri
    assert found.title == one.title
    assert found.abstract == one.description
    assert found.topiccategory == [one.topic]
    assert [str(link.url) for link in read.distribution.online] == [d.description or d.href for d in one.distributions]
    assert read.dataquality.lineage == one.lineage
    if one.bbox:
        box = found.bbox
        assert tuple(float(side) for side in (box.minx, box.miny, box.maxx, box.maxy)) == one.bbox
    else:
        assert getattr(found, "bbox", None) is None


@needs_schemas
@every_record
def test_iso_19139_is_valid_by_its_schema(one: Record, gmd: xmlschema.XMLSchema10) -> None:
    assert [str(error.reason) for error in gmd.iter_errors(iso19139.write(one))] == []


@needs_schemas
def test_iso_19139_in_another_order_is_found_out(gmd: xmlschema.XMLSchema10) -> None:
    root = etree.fromstring(iso19139.write(record()))
    root.append(root[0])
    assert not gmd.is_valid(etree.tostring(root))


@pytest.fixture(scope="module")
def gmd() -> xmlschema.XMLSchema10:
    """The schemas of ISO 19139 from local files."""
    folder = Path(SOURCE).resolve() / "schemas" / "opengis"
    iso = "http://schemas.opengis.net/iso/19139/20070417"
    imports = "".join(
        f'<xs:import namespace="http://www.isotc211.org/2005/{one}" schemaLocation="{iso}/{one}/{one}.xsd"/>'
        for one in ("gmd", "gmx")
    )
    text = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:all">{imports}</xs:schema>'

    def here(address: str) -> str:
        return address.replace("http://schemas.opengis.net", folder.as_uri())

    return xmlschema.XMLSchema10(text, uri_mapper=here, allow="local")


def test_iso_metadata_of_data_that_never_changed_have_the_day_they_came() -> None:
    told = MD_Metadata(etree.fromstring(iso19139.write(record(updated=None))))
    assert told.datestamp == "2026-01-01T00:00:00Z"


# DCAT-AP


def graph(document: dict[str, Any]) -> Graph:
    return Graph().parse(data=json.dumps(document), format="json-ld")


@every_record
def test_dcat_ap_has_what_is_mandatory_and_recommended(one: Record) -> None:
    found, node = graph(dcat.dataset(one, uri)), URIRef(one.uri)
    assert (node, RDF.type, DCAT.Dataset) in found
    assert (node, DCT.title, Literal(one.title, lang="en")) in found
    assert (node, DCT.description, Literal(one.description, lang="en")) in found
    point = found.value(node, DCAT.contactPoint)
    assert found.value(point, VCARD.fn) == Literal(one.contact.organisation)
    assert (found.value(node, DCT.publisher), RDF.type, FOAF.Agent) in found
    distributions = list(found.objects(node, DCAT.distribution))
    assert len(distributions) == len(one.distributions)
    for distribution in distributions:
        assert isinstance(found.value(distribution, DCAT.accessURL), URIRef)
        assert len(list(found.objects(distribution, DCT.license))) <= 1
        assert found.value(distribution, DCT["format"]) is not None
    theme = "ECON" if one.topic == "economy" else "TECH"
    assert found.value(node, DCAT.theme) == URIRef(f"{AUTHORITY}/data-theme/{theme}")


def test_dcat_ap_takes_its_terms_from_the_lists_of_the_publications_office() -> None:
    found = graph(dcat.catalog(ALL, SERVICE, uri, f"{BASE}/catalogue"))
    terms = {
        "access-right/PUBLIC": DCT.RightsStatement,
        "data-theme/TECH": SKOS.Concept,
        "file-type/GPKG": DCT.MediaTypeOrExtent,
        "language/ENG": DCT.LinguisticSystem,
    }
    for term, kind in terms.items():
        assert (URIRef(f"{AUTHORITY}/{term}"), RDF.type, kind) in found, term
        assert list(found.subjects(None, URIRef(f"{AUTHORITY}/{term}"))), term


def test_every_topic_but_two_has_a_theme() -> None:
    without = [one for one in get_args(TopicCategory) if "dcat:theme" not in dcat.dataset(record(topic=one), uri)]
    assert without == ["intelligenceMilitary", "structure"]


def test_file_types_are_those_of_formats_that_are_written() -> None:
    titles = {one.title for one in WRITERS.values()} | {"WMS", "WMTS", "WFS", "GeoTIFF"}
    assert dcat.FILE_TYPES.keys() <= titles


def test_dcat_ap_knows_files_services_terms_and_versions() -> None:
    found = graph(dcat.dataset(record(), uri))
    node = URIRef(uri("mines"))
    files = set(found.objects(None, DCAT.downloadURL))
    assert files == {URIRef(f"{BASE}/mines.gpkg")}
    service = next(iter(found.objects(None, DCAT.accessService)))
    assert found.value(service, DCAT.endpointURL) == URIRef(f"{BASE}/ogc")
    assert found.value(service, DCAT.servesDataset) == node
    assert set(found.objects(None, DCT.license)) == {URIRef("https://creativecommons.org/licenses/by/4.0/")}
    assert set(found.objects(node, DCAT.hasVersion)) == {URIRef(uri("mines.release.2")), URIRef(uri("mines.release.1"))}
    box = str(found.value(found.value(node, DCT.spatial), DCAT.bbox))
    assert box == "POLYGON((94.5 -8.25, 139 -8.25, 139 24, 94.5 24, 94.5 -8.25))"
    older = graph(dcat.dataset(RELEASE, uri))
    assert older.value(URIRef(RELEASE.uri), DCAT.isVersionOf) == node


def test_dcat_catalogue_lists_every_record() -> None:
    found = graph(dcat.catalog(ALL, SERVICE, uri, f"{BASE}/catalogue"))
    node = URIRef(f"{BASE}/catalogue")
    assert set(found.objects(node, DCAT.dataset)) == {URIRef(one.uri) for one in ALL}
    recommended = (DCT.language, DCT.spatial, DCT.issued, DCT.modified, DCAT.themeTaxonomy, FOAF.homepage)
    assert [one for one in recommended if found.value(node, one) is None] == []
    assert str(found.value(node, DCT.modified)).startswith("2026-06-01T12:30:00")


def test_dcat_services_say_who_offers_them_and_what() -> None:
    found = graph(dcat.dataset(record(), uri))
    service = found.value(None, RDF.type, DCAT.DataService)
    wanted = (DCT.title, DCT.publisher, DCAT.contactPoint, DCAT.theme, DCAT.endpointDescription, DCAT.servesDataset)
    assert [one for one in wanted if found.value(service, one) is None] == []


# schema.org


def test_schema_org_names_what_search_engines_ask_for() -> None:
    made = schema_org.dataset(record(), SERVICE, uri)
    assert (made["@type"], made["name"], made["url"]) == ("Dataset", "Mines <&> pits", f"{BASE}/datasets/mines")
    assert made["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert made["spatialCoverage"]["geo"]["box"] == "-8.25 94.5 24 139"
    assert [one["contentUrl"] for one in made["distribution"]] == [f"{BASE}/mines.gpkg"]
    assert made["variableMeasured"][0]["unitText"] == "m"


@every_record
def test_schema_org_leaves_out_what_is_not_known(one: Record) -> None:
    assert None not in schema_org.dataset(one, SERVICE, uri).values()
