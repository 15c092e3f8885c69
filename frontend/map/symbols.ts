// The point shapes of the styles as signed distance fields, so that one image serves every colour and outline.
import type { Map as MapLibre } from "maplibre-gl";
import type { DrawnLayer, Shape } from "./catalogue";

type Vertex = readonly [x: number, y: number];

/** A style's icon-size of 1 draws the shape this many pixels wide. */
const NOMINAL = 16;
const PADDING = 5;
const PIXEL_RATIO = 3;
/** The renderer's convention: the outline lies at 3/4 and the field falls by 1/8 a pixel. */
const EDGE = 0.75;
const SLOPE = 1 / 8;

function onCircle(count: number, radii: readonly number[]): Vertex[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count - Math.PI / 2;
    const radius = radii[i % radii.length] ?? 1;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** Outlines in a square from -1 to 1, y downward; the circle has none. */
export const OUTLINES: Record<Exclude<Shape, "circle">, readonly Vertex[]> = {
  square: [
    [-0.86, -0.86],
    [0.86, -0.86],
    [0.86, 0.86],
    [-0.86, 0.86],
  ],
  triangle: [
    [0, -0.95],
    [1, 0.8],
    [-1, 0.8],
  ],
  diamond: [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ],
  pentagon: onCircle(5, [1]),
  star: onCircle(10, [1, 0.45]),
};

function distanceToSegment(x: number, y: number, [ax, ay]: Vertex, [bx, by]: Vertex): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Distance from a point to the outline, negative inside. */
export function signedDistance(shape: Shape, x: number, y: number): number {
  if (shape === "circle") return Math.hypot(x, y) - 1;
  const outline = OUTLINES[shape];
  let distance = Number.POSITIVE_INFINITY;
  let inside = false;
  outline.forEach((a, i) => {
    const b = outline[(i + 1) % outline.length] ?? a;
    distance = Math.min(distance, distanceToSegment(x, y, a, b));
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
  });
  return inside ? -distance : distance;
}

export function shapeImage(shape: Shape): {
  width: number;
  height: number;
  data: Uint8ClampedArray;
} {
  const side = (NOMINAL + 2 * PADDING) * PIXEL_RATIO;
  const data = new Uint8ClampedArray(side * side * 4);
  const radius = NOMINAL / 2;
  for (let i = 0; i < side * side; i++) {
    const x = ((i % side) + 0.5) / PIXEL_RATIO - radius - PADDING;
    const y = (Math.floor(i / side) + 0.5) / PIXEL_RATIO - radius - PADDING;
    const pixels = signedDistance(shape, x / radius, y / radius) * radius;
    data.fill(255, i * 4, i * 4 + 3);
    data[i * 4 + 3] = 255 * (EDGE - pixels * SLOPE);
  }
  return { width: side, height: side, data };
}

export function addShapes(map: MapLibre): void {
  for (const shape of ["circle", ...Object.keys(OUTLINES)] as Shape[]) {
    map.addImage(shape, shapeImage(shape), {
      sdf: true,
      pixelRatio: PIXEL_RATIO,
    });
  }
}

/** The layer with icons that are smaller on overviews and larger close up, as circles of the styles are. */
export function scaledIcons(layer: DrawnLayer): DrawnLayer {
  if (layer.type !== "symbol" || !layer.layout?.["icon-image"]) return layer;
  const size = layer.layout["icon-size"] ?? 1;
  if (JSON.stringify(size).includes('"zoom"')) return layer;
  const at = (factor: number): unknown => (typeof size === "number" ? size * factor : ["*", size, factor]);
  const byZoom = ["interpolate", ["linear"], ["zoom"], 3, at(0.6), 8, at(1), 14, at(1.5)];
  return {
    ...layer,
    layout: { ...layer.layout, "icon-size": byZoom },
  } as DrawnLayer;
}
