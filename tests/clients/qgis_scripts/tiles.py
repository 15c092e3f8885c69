"""Reads a MapLibre style as QGIS does for vector tiles: each layer that draws a value of a field, and its colour."""

# SPDX-License-Identifier: Apache-2.0

from headless import answer, arguments
from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsMapBoxGlStyleConverter,
    QgsSymbolLayer,
)
from qgis.PyQt.QtCore import QVariant

COLOURS = {"fill": QgsSymbolLayer.PropertyFillColor, "line": QgsSymbolLayer.PropertyStrokeColor}

fields = QgsFields()
fields.append(QgsField(arguments["field"], QVariant.String))


def evaluated(text, value):
    """What an expression gives for a feature with that value."""
    feature = QgsFeature(fields)
    feature.setAttributes([value])
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.globalScope())
    context.setFeature(feature)
    context.setFields(fields)
    expression = QgsExpression(text)
    found = expression.evaluate(context)
    assert not expression.hasParserError(), expression.parserErrorString()
    assert not expression.hasEvalError(), expression.evalErrorString()
    return found


def colour(kind, symbol_layer, value):
    told = symbol_layer.dataDefinedProperties().property(COLOURS[kind])
    return evaluated(told.asExpression(), value) if told.isActive() else symbol_layer.color().name()


converter = QgsMapBoxGlStyleConverter()
assert converter.convert(arguments["style"]) == QgsMapBoxGlStyleConverter.Success, converter.errorMessage()
found = {value: [] for value in arguments["values"]}
for one in converter.renderer().styles():
    kind = one.styleName().partition(":")[2].partition("-")[0]
    for value, drawn in found.items():
        if not one.filterExpression() or evaluated(one.filterExpression(), value):
            drawn.append([kind, colour(kind, one.symbol().symbolLayer(0), value)])
answer(found)
