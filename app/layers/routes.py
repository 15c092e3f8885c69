"""GET /api/v1/layers: everything a map needs to know."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.layers.catalogue import Catalogue
from app.layers.declarations import PublishedLayer
from app.layers.schemas import FieldOut, LayerOut, LayersOut, MemberOut, RasterOut, RegionOut, StyleOut
from app.regions import Region
from gis.style import maplibre_layers
from gis.style.shapes import OUTLINES
from gis.tiles import SHARP

router = APIRouter(tags=["Layers"])

_MATRIX = "WebMercatorQuad/{z}/{y}/{x}"


def _catalogue(request: Request) -> Catalogue:
    found: Catalogue = request.app.state.catalogue
    return found


def _region(request: Request) -> Region:
    found: Region = request.app.state.region
    return found


@router.get("/layers", summary="The published layers with their fields, styles and tiles")
async def layers(
    catalogue: Annotated[Catalogue, Depends(_catalogue)], region: Annotated[Region, Depends(_region)]
) -> LayersOut:
    """The region, its layers as they are published now, and its rasters."""
    members = [MemberOut(country=m.country, name=m.name) for m in region.members]
    box = [float(side) for side in region.bbox]
    return LayersOut(
        region=RegionOut(
            id=region.id,
            title=region.title,
            description=region.description,
            bbox=box,
            members=members,
            disclaimer=region.disclaimer,
        ),
        layers=[_layer(one, catalogue) for one in catalogue.declared.values()],
        rasters=[
            RasterOut(
                id=one.id,
                title=one.title,
                attribution=one.source,
                bbox=box,
                tiles=f"/ogc/collections/{one.id}/map/tiles/{_MATRIX}?f=png&pixelRatio={SHARP}",
            )
            for one in region.rasters
        ],
        sprite="/ogc/styles/sprite",
        shapes={shape: list(corners) for shape, corners in OUTLINES.items()},
    )


def _layer(one: PublishedLayer, catalogue: Catalogue) -> LayerOut:
    now = catalogue.snapshot
    layer, state = now.layers[one.layer.id], now.states[one.layer.id]
    collection = f"/ogc/collections/{layer.id}"
    return LayerOut(
        id=layer.id,
        title=layer.title,
        abstract=layer.abstract,
        group=one.group,
        geometryType=layer.geometry_type,
        bbox=list(state.extent) if state.extent else None,
        count=state.count,
        release=state.release,
        publishedAt=state.published_at,
        minzoom=layer.minzoom,
        maxzoom=layer.maxzoom,
        attribution=layer.attribution,
        licence=layer.licence,
        fields=[
            FieldOut(name=f.name, title=f.title, type=f.type, unit=f.unit, vocabulary=f.vocabulary)
            for f in layer.public_fields
        ],
        summary=list(layer.summary),
        styles=[
            StyleOut(
                id=style.id,
                title=style.title,
                abstract=style.abstract,
                field=style.field,
                legend=style.legend(),
                layers=list(maplibre_layers(layer, style)),
            )
            for style in now.styles[layer.id]
        ],
        tiles=f"{collection}/tiles/{_MATRIX}?f=mvt&release={state.release}",
        items=f"{collection}/items",
    )
