"""The XML schemas of GML and of the views made upon it, on this machine; nothing is fetched.

AMDIS_SOURCE_DATA names the folder of source files, with EarthResourceML-Lite, GeoSciML-Lite and GML 3.2.1 in its folder
schemas. GML 3.1.1 is in the Maven artefact org.jvnet.ogc:ogc-schemas:2.6.1.
"""

# SPDX-License-Identifier: Apache-2.0

import os
import zipfile
from pathlib import Path

import pytest
import xmlschema

SOURCE = os.environ.get("AMDIS_SOURCE_DATA", "")
JAR = Path.home() / ".m2/repository/org/jvnet/ogc/ogc-schemas/2.6.1/ogc-schemas-2.6.1.jar"

needs_schemas = pytest.mark.skipif(not SOURCE, reason="AMDIS_SOURCE_DATA does not name the folder of source files")
needs_gml_3_1_1 = pytest.mark.skipif(
    not (SOURCE and JAR.is_file()),
    reason="AMDIS_SOURCE_DATA is not set, or there is no GML 3.1.1: "
    "mvn dependency:get -Dartifact=org.jvnet.ogc:ogc-schemas:2.6.1",
)

SCHEMAS = Path(SOURCE) / "schemas"
ERML = "tags/ERML-Lite_2.0.1/schema/erml-lite.xsd"
GEOSCIML = "tags/4.1/schemas/geosciml-lite.xsd"


def view_schema(path: str) -> xmlschema.XMLSchema10:
    """The schema of a view, upon GML 3.2.1."""
    return xmlschema.XMLSchema10(SCHEMAS / path, uri_mapper=_local, allow="local")


def view_schema_3_1_1(path: str, folder: Path) -> xmlschema.XMLSchema10:
    """The schema of a view, upon GML 3.1.1, which is unpacked into a folder."""
    with zipfile.ZipFile(JAR) as archive:
        names = [name for name in archive.namelist() if name.startswith(("ogc/gml/3.1.1/base/", "ogc/gml/3.1.1/smil/"))]
        names += [name for name in archive.namelist() if name.startswith("ogc/gml/3.1.1/profiles/gmlsfProfile/1.0.0/")]
        archive.extractall(folder, names)

    def local(uri: str) -> str:
        return uri.replace("http://schemas.opengis.net", (folder / "ogc").as_uri())

    # GML 3.1.1 restricts types of coordinate systems in ways that a strict reading of XML Schema does not allow.
    return xmlschema.XMLSchema10(SCHEMAS / path, uri_mapper=local, allow="local", validation="lax")


def own_schema(content: bytes) -> xmlschema.XMLSchema10:
    """A schema of our own, upon GML 3.2.1."""
    return xmlschema.XMLSchema10(content.decode(), uri_mapper=_local, allow="local")


def _local(uri: str) -> str:
    for remote in ("http://schemas.opengis.net", "http://standards.iso.org/ittf/PubliclyAvailableStandards"):
        uri = uri.replace(remote, (SCHEMAS / "opengis").as_uri())
    return uri
