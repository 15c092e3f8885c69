// What the server publishes: region, layers and rasters, as GET /api/v1/layers answers.
import type { LayerSpecification } from "maplibre-gl";
import type { Language } from "./messages/language";

export type BBox = [west: number, south: number, east: number, north: number];
export type Shape = "circle" | "square" | "triangle" | "diamond" | "pentagon" | "star";

/** A layer of the style as served: every kind but background, with its source. */
export type DrawnLayer = Exclude<LayerSpecification, { type: "background" }>;

/** Corners of the shapes in a square from -1 to 1, y downward; the circle has none. */
export type Outlines = Partial<Record<Shape, [x: number, y: number][]>>;

export interface SymbolStyle {
  shape: Shape;
  size: number;
  fill: string | null;
  fill_opacity: number;
  stroke: string | null;
  stroke_width: number;
  dash: number[];
}

export interface LegendEntry {
  title: string;
  value: string | null;
  symbol: SymbolStyle;
}

export interface FieldInfo {
  name: string;
  title: string;
  type: string;
  unit: string | null;
  vocabulary: string | null;
}

/** One way to draw a layer. */
export interface StyleInfo {
  id: string;
  title: string;
  abstract: string;
  field: string | null;
  legend: LegendEntry[];
  layers: DrawnLayer[];
}

/** A layer as the server tells of it; the first of its styles is the default. */
interface ServedLayer {
  id: string;
  title: string;
  abstract: string;
  group: string;
  geometryType: "Point" | "MultiLineString" | "MultiPolygon";
  bbox: BBox | null;
  count: number;
  release: number;
  publishedAt: string | null;
  minzoom: number;
  maxzoom: number;
  attribution: string;
  licence: string;
  fields: FieldInfo[];
  summary: string[];
  styles: StyleInfo[];
  tiles: string;
  items: string;
}

/** A layer with the style it is drawn in. */
export interface LayerInfo extends ServedLayer {
  style: StyleInfo;
}

export interface RasterInfo {
  id: string;
  title: string;
  attribution: string;
  bbox: BBox | null;
  tiles: string;
}

export interface Region {
  id: string;
  title: string;
  description: string;
  bbox: BBox;
  members: { country: string; name: string }[];
  disclaimer: string;
}

export interface Catalogue {
  region: Region;
  layers: LayerInfo[];
  rasters: RasterInfo[];
  /** Address of the picture of point shapes, without its extension. */
  sprite: string;
  shapes: Outlines;
}

/** The request for data could not be made, or was answered with an error of this status. */
export class Unavailable extends Error {
  constructor(
    readonly status: number | null,
    options?: ErrorOptions,
  ) {
    super(status === null ? "no answer" : `status ${status}`, options);
  }
}

/** What went wrong, as people read it. */
export function told(error: unknown, { t }: Language): string {
  if (!(error instanceof Unavailable)) return error instanceof Error ? error.message : String(error);
  return error.status === null ? t("unreachable") : t("serverError", { status: error.status });
}

export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      headers: { Accept: "application/geo+json, application/json" },
      signal: signal ?? null,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Unavailable(null, { cause });
  }
  if (!response.ok) throw new Unavailable(response.status);
  return (await response.json()) as T;
}

/** The catalogue, each layer in its default style. */
export async function fetchCatalogue(signal?: AbortSignal): Promise<Catalogue> {
  const served = await fetchJson<Omit<Catalogue, "layers"> & { layers: ServedLayer[] }>("/api/v1/layers", signal);
  return { ...served, layers: served.layers.flatMap((layer) => inDefaultStyle(layer)) };
}

function inDefaultStyle(layer: ServedLayer): LayerInfo[] {
  const [style] = layer.styles;
  return style ? [{ ...layer, style }] : [];
}

/** The catalogue in the words of a language. */
export function inWords({ region, layers, rasters, ...rest }: Catalogue, { word }: Language): Catalogue {
  const titled = <T extends { title: string }>(one: T): T => ({ ...one, title: word(one.title) });
  const styled = (one: StyleInfo): StyleInfo => ({
    ...titled(one),
    abstract: word(one.abstract),
    legend: one.legend.map(titled),
  });
  return {
    ...rest,
    region: {
      ...region,
      disclaimer: word(region.disclaimer),
      members: region.members.map((one) => ({ ...one, name: word(one.name) })),
    },
    layers: layers.map((layer) => ({
      ...titled(layer),
      abstract: word(layer.abstract),
      group: word(layer.group),
      licence: word(layer.licence),
      fields: layer.fields.map(titled),
      styles: layer.styles.map(styled),
      style: styled(layer.style),
    })),
    rasters: rasters.map(titled),
  };
}

/** The catalogue with the layers in the styles of these ids, and the others as they were. */
export function inStyles(catalogue: Catalogue, ids: Iterable<string>): Catalogue {
  const wanted = new Set(ids);
  const layers = catalogue.layers.map((layer) => {
    const style = layer.styles.find((one) => wanted.has(one.id));
    return style ? { ...layer, style } : layer;
  });
  return { ...catalogue, layers };
}

/** The ids of the styles that are not their layer's default. */
export const alternatives = (layers: LayerInfo[]): string[] =>
  layers.filter((layer) => layer.style.id !== layer.styles[0]?.id).map((layer) => layer.style.id);

export const BOUNDARIES = "countries";

export interface Group {
  title: string;
  layers: LayerInfo[];
}

/** The layers by group: groups with sites first, otherwise in the server's order, boundaries last. */
export function grouped(layers: LayerInfo[]): Group[] {
  const groups = new Map<string, LayerInfo[]>();
  const rank = (layer: LayerInfo): number => {
    if (layer.id === BOUNDARIES) return 2;
    return layer.geometryType === "Point" ? 0 : 1;
  };
  for (const layer of [...layers].sort((a, b) => rank(a) - rank(b))) {
    groups.set(layer.group, [...(groups.get(layer.group) ?? []), layer]);
  }
  return [...groups].map(([title, members]) => ({ title, layers: members }));
}

const DRAWING_ORDER: Record<LayerInfo["geometryType"], number> = {
  MultiPolygon: 0,
  MultiLineString: 1,
  Point: 2,
};

/** The layers from bottom to top of the map: areas, lines, points; first listed on top of its kind. */
export function drawingOrder(layers: LayerInfo[]): LayerInfo[] {
  return layers
    .filter((layer) => layer.id !== BOUNDARIES)
    .reverse()
    .sort((a, b) => DRAWING_ORDER[a.geometryType] - DRAWING_ORDER[b.geometryType]);
}

/** Tiles are asked for by workers, which need the whole address. */
export const absolute = (template: string, origin: string): string =>
  /^https?:/.test(template) ? template : origin + template;
