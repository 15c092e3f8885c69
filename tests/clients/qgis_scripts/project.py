"""Opens a project from an address and tells what is in it: layers, counts, filters, features at a place, a picture."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path
from urllib.request import urlopen

from headless import answer, app, arguments
from qgis.core import (
    QgsLayerTreeLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsNetworkAccessManager,
    QgsPointXY,
    QgsProject,
    QgsRaster,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

requests: list[str] = []
manager = QgsNetworkAccessManager.instance()
# The one of the two signals of that name that carries the request's parameters.
manager.requestAboutToBeCreated["QgsNetworkRequestParameters"].connect(
    lambda one: requests.append(one.request().url().toString())
)

path = Path(arguments["folder"]) / "region.qgs"
with urlopen(arguments["address"], timeout=60) as response:
    path.write_bytes(response.read())
project = QgsProject.instance()
opened = project.read(str(path))


def styles(layer):
    """Titles of a layer's styles, each of which must have been loaded when asked for."""
    manager = layer.styleManager()
    first = manager.currentStyle()
    found = {}
    for name in manager.styles():
        manager.setCurrentStyle(name)
        found[name] = [item.label() for item in layer.renderer().legendSymbolItems()]
    manager.setCurrentStyle(first)
    return {"current": first, "legends": found}


def told(node):
    layer = node.layer()
    known = {"id": layer.id(), "title": layer.name(), "valid": layer.isValid(), "provider": layer.providerType()}
    known |= {"visible": node.isVisible(), "attribution": layer.metadata().rights()}
    known |= {"abstract": layer.metadata().abstract(), "licences": layer.metadata().licenses()}
    if layer.providerType() == "OAPIF":
        known["count"] = layer.featureCount()
        known["read"] = sum(1 for _ in layer.getFeatures())
        known["styles"] = styles(layer)
        known["labels"] = layer.labelsEnabled()
        known["columns"] = {one.name(): one.displayName() for one in layer.fields()}
        known["fields"] = {one.name(): one.typeName() for one in layer.fields()}
    return known


groups = {
    group.name(): [told(node) for node in group.children() if isinstance(node, QgsLayerTreeLayer)]
    for group in project.layerTreeRoot().children()
}

found = {
    "opened": opened,
    "title": project.title(),
    "abstract": project.metadata().abstract(),
    "crs": project.crs().authid(),
    "groups": groups,
    "view": project.viewSettings().defaultViewExtent().toString(),
}

# A layer of its own: what another has fetched already would be filtered without the server.
filtered = QgsVectorLayer(project.mapLayer(arguments["filtered"]["layer"]).source(), "filtered", "OAPIF")
app.processEvents()
requests.clear()
assert filtered.setSubsetString(arguments["filtered"]["expression"]), filtered.dataProvider().error().message()
read = [feature["identifier"] for feature in filtered.getFeatures()]
app.processEvents()
found["filtered"] = {"count": filtered.featureCount(), "read": read, "requests": requests[:]}

pictured = project.mapLayer(arguments["identified"]["layer"])
x, y = arguments["identified"]["place"]
around = QgsRectangle(x - 10_000, y - 10_000, x + 10_000, y + 10_000)
identified = pictured.dataProvider().identify(QgsPointXY(x, y), QgsRaster.IdentifyFormatHtml, around, 201, 201)
found["identified"] = {"valid": identified.isValid(), "texts": [str(one) for one in identified.results().values()]}

settings = QgsMapSettings()
settings.setLayers([project.mapLayer(one) for one in arguments["drawn"]["layers"]])
settings.setDestinationCrs(project.crs())
settings.setExtent(QgsRectangle(*arguments["drawn"]["extent"]))
settings.setOutputSize(QSize(*arguments["drawn"]["size"]))
settings.setOutputDpi(96)
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
job.renderedImage().save(arguments["drawn"]["picture"])
found["errors"] = [error.message for error in job.errors()]
answer(found)
