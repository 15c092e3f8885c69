// Layers that colour the same thing the same way share one legend; their rows then need only their shape.
import type { LayerInfo, LegendEntry, SymbolStyle } from "./catalogue";

export interface SharedLegend {
  title: string;
  field: string;
  entries: LegendEntry[];
}

const fillsOf = (layer: LayerInfo): Map<string | null, string | null> =>
  new Map(layer.style.legend.map((entry) => [entry.value, entry.symbol.fill]));

const isClassed = (layer: LayerInfo): boolean => layer.style.field !== null && layer.style.legend.length > 1;

/** The common legend of two or more layers classed by the same field, null where the colours of a value differ. */
export function sharedLegend(layers: LayerInfo[]): SharedLegend | null {
  const classed = layers.filter(isClassed);
  const like = (one: LayerInfo): LayerInfo[] => classed.filter((other) => other.style.field === one.style.field);
  const first = classed.find((one) => like(one).length > 1);
  if (!first?.style.field) return null;
  const entries = new Map<string | null, LegendEntry>();
  for (const layer of like(first)) {
    for (const entry of layer.style.legend) {
      const known = entries.get(entry.value);
      if (known && known.symbol.fill !== entry.symbol.fill) return null;
      if (!known) entries.set(entry.value, { ...entry, symbol: asDot(entry.symbol) });
    }
  }
  const title = first.fields.find((field) => field.name === first.style.field)?.title ?? first.style.title;
  return {
    title,
    field: first.style.field,
    entries: restLast([...entries.values()]),
  };
}

const asDot = (symbol: SymbolStyle): SymbolStyle => ({
  ...symbol,
  shape: "circle",
  size: 11,
  stroke: "currentColor",
  stroke_width: 0.5,
});

const restLast = (entries: LegendEntry[]): LegendEntry[] =>
  entries.sort((a, b) => Number(a.value === null) - Number(b.value === null));

/** The symbol that stands for a whole layer: its own when all features look alike, its shape without colour otherwise. */
export function layerSymbol(layer: LayerInfo): SymbolStyle | null {
  const [first] = layer.style.legend;
  if (!first) return null;
  if (!isClassed(layer)) return first.symbol;
  return layer.geometryType === "Point" ? { ...first.symbol, fill: null, stroke: null } : null;
}

/**
 * A filter that leaves out the hidden classes of a style, on top of a drawn layer's own filter; a null class is every
 * value no class names.
 */
export function classFilter(
  layer: LayerInfo,
  hidden: ReadonlySet<string | null>,
  own: unknown = null,
): unknown {
  const { field } = layer.style;
  if (!field || hidden.size === 0) return own;
  const values = [...fillsOf(layer).keys()].filter((value) => value !== null);
  const get = ["coalesce", ["get", field], ""];
  const named = values.filter((value) => hidden.has(value));
  const shown: unknown[] = own ? ["all", own] : ["all"];
  if (named.length) shown.push(["!", ["in", get, ["literal", named]]]);
  if (hidden.has(null)) shown.push(["in", get, ["literal", values]]);
  return shown;
}
