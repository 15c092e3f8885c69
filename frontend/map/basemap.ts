// The ground every map of the system stands on: sea, relief, states, and their names. All of it from this server.
import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";
import { absolute, BOUNDARIES, type Catalogue, type DrawnLayer, type LayerInfo } from "./catalogue";

/**
 * Light in both colour schemes of the page: the colours of geological ages and of commodity groups are made for a light
 * ground, and the same map comes out of WMS.
 */
export const COLOURS = {
  sea: "#97b7d4",
  land: "#f4f2ec",
  veil: "#e7e9e8",
  boundary: "#9aa3a8",
  memberBoundary: "#475560",
  text: "#22303a",
  halo: "#ffffff",
};

const isMember: ExpressionSpecification = ["to-boolean", ["get", "member"]];

export interface Ground {
  sources: Record<string, SourceSpecification>;
  /** Drawn below the data. */
  below: LayerSpecification[];
  /** Drawn above areas and below lines and points: boundaries stay visible on a geological map. */
  above: LayerSpecification[];
}

export function tileSource(layer: LayerInfo, origin: string): SourceSpecification {
  return {
    type: "vector",
    tiles: [absolute(layer.tiles, origin)],
    minzoom: layer.minzoom,
    maxzoom: layer.maxzoom,
    attribution: layer.attribution,
    ...(layer.bbox && { bounds: layer.bbox }),
  };
}

export function ground(catalogue: Catalogue, origin: string): Ground {
  const found: Ground = {
    sources: {},
    below: [
      {
        id: "ground:sea",
        type: "background",
        paint: { "background-color": COLOURS.sea },
      },
    ],
    above: [],
  };
  const countries = catalogue.layers.find((layer) => layer.id === BOUNDARIES);
  if (countries) {
    found.sources[BOUNDARIES] = tileSource(countries, origin);
    found.below.push(area("ground:land", { "fill-color": COLOURS.land }));
  }
  for (const raster of catalogue.rasters.filter((one) => one.id === "relief")) {
    found.sources[raster.id] = {
      type: "raster",
      tiles: [absolute(raster.tiles, origin)],
      tileSize: 512,
      maxzoom: 8,
      attribution: raster.attribution,
      ...(raster.bbox && { bounds: raster.bbox }),
    };
    found.below.push({
      id: "ground:relief",
      type: "raster",
      source: raster.id,
      paint: RELIEF_PAINT,
    });
  }
  if (countries) {
    const veil = {
      "fill-color": COLOURS.veil,
      "fill-opacity": 0.62,
    };
    found.below.push({
      ...area("ground:veil", veil),
      filter: ["!", isMember],
    } as DrawnLayer);
    found.above.push(...boundaryLines());
  }
  return found;
}

const RELIEF_PAINT = {
  "raster-brightness-min": 0.08,
  "raster-saturation": -0.1,
  "raster-fade-duration": 0,
};

const area = (id: string, paint: Record<string, unknown>): DrawnLayer =>
  ({
    id,
    type: "fill",
    source: BOUNDARIES,
    "source-layer": BOUNDARIES,
    paint: { "fill-antialias": false, ...paint },
  }) as DrawnLayer;

function boundaryLines(): LayerSpecification[] {
  return [
    {
      id: "ground:boundaries",
      type: "line",
      source: BOUNDARIES,
      "source-layer": BOUNDARIES,
      layout: { "line-join": "round" },
      paint: {
        "line-color": ["case", isMember, COLOURS.memberBoundary, COLOURS.boundary],
        "line-width": [
          "interpolate",
          ["linear"],
          ["zoom"],
          3,
          ["case", isMember, 0.7, 0.4],
          9,
          ["case", isMember, 1.6, 1],
        ],
      },
    },
  ];
}
