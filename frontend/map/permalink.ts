// The part of the page's address after #, which brings back position, layers and the selected feature.

export interface Choice {
  visible: boolean;
  opacity: number;
}

export interface View {
  center: [lng: number, lat: number];
  zoom: number;
}

export interface Permalink {
  view: View | null;
  /** Visible layers with their opacity; null where the address says nothing about layers. */
  layers: Map<string, number> | null;
  /** Ids of the styles that are not their layer's default. */
  styles: readonly string[];
  /** What is switched off of the ground the data lie on. */
  without: ReadonlySet<string>;
  feature: { layer: string; id: string } | null;
}

const PLACES_AT_ZOOM = (zoom: number): number => Math.max(2, Math.ceil((zoom * Math.LN2) / Math.LN10) + 1);

const inRange = (value: number, low: number, high: number): boolean =>
  Number.isFinite(value) && value >= low && value <= high;

function parseView(text: string | null): View | null {
  if (!text) return null;
  const [zoom, lat, lng] = text.split("/").map(Number);
  if (zoom === undefined || lat === undefined || lng === undefined) return null;
  if (!inRange(zoom, 0, 24) || !inRange(lat, -90, 90) || !inRange(lng, -180, 180)) return null;
  return { zoom, center: [lng, lat] };
}

function parseLayers(text: string | null): Map<string, number> | null {
  if (text === null) return null;
  const layers = new Map<string, number>();
  for (const part of text.split(",").filter(Boolean)) {
    const [id, percent] = part.split("@");
    const opacity = percent === undefined ? 1 : Number(percent) / 100;
    if (id) layers.set(id, inRange(opacity, 0, 1) ? opacity : 1);
  }
  return layers;
}

function parseFeature(text: string | null): Permalink["feature"] {
  const slash = text?.indexOf("/") ?? -1;
  if (!text || slash < 1 || slash === text.length - 1) return null;
  return { layer: text.slice(0, slash), id: text.slice(slash + 1) };
}

export function parsePermalink(hash: string): Permalink {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    view: parseView(parameters.get("map")),
    layers: parseLayers(parameters.get("layers")),
    styles: (parameters.get("styles") ?? "").split(",").filter(Boolean),
    without: new Set((parameters.get("without") ?? "").split(",").filter(Boolean)),
    feature: parseFeature(parameters.get("feature")),
  };
}

export function formatPermalink(
  view: View,
  layers: ReadonlyMap<string, Choice>,
  feature: Permalink["feature"],
  ground: ReadonlySet<string> = new Set(),
  styles: readonly string[] = [],
): string {
  const places = PLACES_AT_ZOOM(view.zoom);
  const shown = [...layers]
    .filter(([id, choice]) => choice.visible && !ground.has(id))
    .map(([id, { opacity }]) => (opacity === 1 ? id : `${id}@${Math.round(opacity * 100)}`));
  const parts = [
    `map=${Number(view.zoom.toFixed(2))}/${view.center[1].toFixed(places)}/${view.center[0].toFixed(places)}`,
    `layers=${shown.map(encodeURIComponent).join(",").replaceAll("%40", "@")}`,
  ];
  if (styles.length) parts.push(`styles=${styles.map(encodeURIComponent).join(",")}`);
  const without = [...ground].filter((id) => layers.get(id)?.visible === false);
  if (without.length) parts.push(`without=${without.map(encodeURIComponent).join(",")}`);
  if (feature) parts.push(`feature=${encodeURIComponent(feature.layer)}/${encodeURIComponent(feature.id)}`);
  return `#${parts.join("&")}`;
}
