import type { Position } from "geojson";
import { describe, expect, it } from "vitest";
import { extent } from "./extent";
import { LabelPoints } from "./labels";

const square = (x: number, y: number, side: number): Position[][] => [
  [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ],
];

describe("LabelPoints", () => {
  it("puts a name on the largest piece, once", () => {
    const labels = new LabelPoints();
    expect(labels.add([{ name: "A", polygons: [square(0, 0, 1), square(10, 10, 4)] }])).toBe(true);
    expect(labels.add([{ name: "A", polygons: [square(20, 20, 2)] }])).toBe(false);
    const [label, ...rest] = labels.collection().features;
    expect(rest).toEqual([]);
    expect(label?.geometry.coordinates).toEqual([12, 12]);
  });
});

describe("extent", () => {
  it("covers every kind of geometry and is none without any", () => {
    const feature = (geometry: GeoJSON.Geometry | null) =>
      ({ type: "Feature", properties: {}, geometry }) as GeoJSON.Feature;
    const point = feature({ type: "Point", coordinates: [1, 2] });
    const area = feature({ type: "Polygon", coordinates: square(5, -3, 2) });
    expect(extent({ type: "FeatureCollection", features: [point, area] })).toEqual([1, -3, 7, 2]);
    expect(extent({ type: "FeatureCollection", features: [feature(null)] } as never)).toBeNull();
  });
});
