"""Asks a WFS for the features a filter lets through, and tells what was asked of the server."""

# SPDX-License-Identifier: Apache-2.0

from headless import answer, app, arguments
from qgis.core import QgsNetworkAccessManager, QgsVectorLayer

requests: list[str] = []
QgsNetworkAccessManager.instance().requestAboutToBeCreated["QgsNetworkRequestParameters"].connect(
    lambda one: requests.append(one.request().url().toString())
)
source = f"pagingEnabled='true' typename='{arguments['name']}' url='{arguments['url']}' version='2.0.0'"
layer = QgsVectorLayer(source, "layer", "WFS")
assert layer.isValid(), layer.error().message()
assert layer.setSubsetString(arguments["expression"])
read = [feature["identifier"] for feature in layer.getFeatures()]
app.processEvents()
answer({"count": layer.featureCount(), "read": read, "requests": requests})
