"""Draws GeoJSON files with QML or SLD files: one picture for each."""

# SPDX-License-Identifier: Apache-2.0

from headless import answer, arguments
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

found = []
for one in arguments["pictures"]:
    layer = QgsVectorLayer(one["data"], "data", "ogr")
    assert layer.isValid(), one["data"]
    load = layer.loadNamedStyle if one["style"].endswith(".qml") else layer.loadSldStyle
    message, loaded = load(one["style"])
    assert loaded, message
    QgsProject.instance().addMapLayer(layer)
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(*arguments["extent"]))
    settings.setOutputSize(QSize(arguments["size"], arguments["size"]))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(one["picture"])
    found.append(layer.renderer().type())
answer(found)
