// The bounding box of GeoJSON.
import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { BBox } from "./catalogue";

type Nested = number | Nested[];

function grow(box: BBox, coordinates: Nested[]): void {
  const [x, y] = coordinates;
  if (typeof x === "number" && typeof y === "number") {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  } else {
    for (const part of coordinates) if (Array.isArray(part)) grow(box, part);
  }
}

function addGeometry(box: BBox, geometry: Geometry | null): void {
  if (!geometry) return;
  if (geometry.type === "GeometryCollection") for (const part of geometry.geometries) addGeometry(box, part);
  else grow(box, geometry.coordinates as Nested[]);
}

/** West, south, east, north of everything that has a place; null where nothing has. */
export function extent(data: FeatureCollection | Feature): BBox | null {
  const box: BBox = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  const features = data.type === "FeatureCollection" ? data.features : [data];
  for (const feature of features) addGeometry(box, feature.geometry);
  return Number.isFinite(box[0]) ? box : null;
}
