// The opacity of a whole layer, on top of whatever opacity its own style gives to each class.
import type { DrawnLayer } from "./catalogue";

const PROPERTIES: Record<string, string[]> = {
  circle: ["circle-opacity", "circle-stroke-opacity"],
  symbol: ["icon-opacity", "text-opacity"],
  line: ["line-opacity"],
  fill: ["fill-opacity"],
  raster: ["raster-opacity"],
};

/** The paint properties that set a layer's opacity, each its own value times the factor. */
export function opacityPaint(layer: Pick<DrawnLayer, "type" | "paint">, factor: number): [string, unknown][] {
  const paint = (layer.paint ?? {}) as Record<string, unknown>;
  return (PROPERTIES[layer.type] ?? []).map((property) => [property, scaled(paint[property] ?? 1, factor)]);
}

function scaled(value: unknown, factor: number): unknown {
  if (factor === 1) return value;
  return typeof value === "number" ? value * factor : ["*", value, factor];
}
