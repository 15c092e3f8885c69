"""Adds layers of WMTS as its user would: reads the capabilities, takes each layer in each tile matrix set, draws it."""

# SPDX-License-Identifier: Apache-2.0

from urllib.parse import urlencode

from headless import answer, arguments
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsRaster,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

found = {}
for one in arguments["layers"]:
    asked = {key: one[key] for key in ("crs", "layers", "styles", "tileMatrixSet")}
    asked |= {"format": "image/png", "url": arguments["address"]}
    layer = QgsRasterLayer(urlencode(asked, safe=":/"), one["layers"], "wms")
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(one["crs"]))
    settings.setExtent(QgsRectangle(*one["extent"]))
    settings.setOutputSize(QSize(256, 256))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor(0, 0, 0, 0))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(one["picture"])
    x, y = one["place"]
    around = QgsRectangle(*one["extent"])
    identified = layer.dataProvider().identify(QgsPointXY(x, y), QgsRaster.IdentifyFormatText, around, 256, 256)
    found[one["picture"]] = {
        "valid": layer.isValid(),
        "title": layer.name(),
        "texts": [str(text) for text in identified.results().values()],
    }
answer(found)
