"""SLD documents of every style of the project are valid by the schemas of OGC."""

# SPDX-License-Identifier: Apache-2.0

import zipfile
from pathlib import Path

import pytest
import xmlschema

from app.layers.declarations import read_declarations
from gis.style.sld import Version, sld
from tests.gis.formats.schemas import JAR

pytestmark = pytest.mark.skipif(
    not JAR.is_file(), reason="no schemas of SLD: mvn dependency:get -Dartifact=org.jvnet.ogc:ogc-schemas:2.6.1"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("schemas")
    with zipfile.ZipFile(JAR) as archive:
        archive.extractall(target, [name for name in archive.namelist() if name.startswith("ogc/")])
    return target


@pytest.fixture(scope="module")
def schemas(folder: Path) -> dict[str, xmlschema.XMLSchema10]:
    def local(address: str) -> str:
        return address.replace("http://schemas.opengis.net", (folder / "ogc").as_uri())

    # GML 3.1.1 and 2.1.2 restrict types in ways that a strict reading of XML Schema does not allow.
    return {
        version: xmlschema.XMLSchema10(
            folder / f"ogc/sld/{version}/StyledLayerDescriptor.xsd", uri_mapper=local, allow="local", validation="lax"
        )
        for version in ("1.0.0", "1.1.0")
    }


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_every_style_is_valid(schemas: dict[str, xmlschema.XMLSchema10], version: Version) -> None:
    for name, one in read_declarations().layers.items():
        for style in one.styles:
            errors = list(schemas[version].iter_errors(sld(name, style, version).decode()))
            assert errors == [], f"{style.id}: {errors[0]}"


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_the_schemas_find_a_mistake(schemas: dict[str, xmlschema.XMLSchema10], version: Version) -> None:
    one = read_declarations().layers["countries"]
    broken = sld("countries", one.styles[0], version).decode().replace("IsDefault", "IsFault")
    assert list(schemas[version].iter_errors(broken)) != []
