import type { Position } from "geojson";
import { describe, expect, it } from "vitest";
import { extent } from "./extent";
import { LabelPoints } from "./labels";
import { OUTLINES, scaledIcons, shapeImage, signedDistance } from "./symbols";

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

describe("shapes", () => {
  it.each(["circle", ...(Object.keys(OUTLINES) as (keyof typeof OUTLINES)[])] as const)(
    "%s has an inside and an outside",
    (shape) => {
      expect(signedDistance(shape, 0, 0.1)).toBeLessThan(0);
      expect(signedDistance(shape, 1.3, -1.3)).toBeGreaterThan(0);
      const { width, height, data } = shapeImage(shape);
      const alpha = (x: number, y: number): number => data[(y * width + x) * 4 + 3] ?? -1;
      expect(alpha(width / 2, height / 2)).toBeGreaterThan(191);
      expect(alpha(0, 0)).toBeLessThan(120);
    },
  );

  it("grow with the zoom, unless the style already says how", () => {
    const icons = {
      id: "a",
      type: "symbol",
      source: "a",
      layout: { "icon-image": "square", "icon-size": 0.5 },
    } as const;
    const layout = scaledIcons(icons as never).layout as unknown as Record<string, unknown[]>;
    expect(layout["icon-size"]?.[4]).toBeCloseTo(0.3);
    const own = {
      ...icons,
      layout: {
        ...icons.layout,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 3, 1],
      },
    };
    expect(scaledIcons(own as never)).toBe(own);
  });
});
