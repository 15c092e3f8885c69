// The map itself: what is drawn, in which order, and what lies under a point. It knows nothing of the page around it.
import type { Feature, FeatureCollection } from "geojson";
import {
  AttributionControl,
  type ExpressionSpecification,
  type FilterSpecification,
  type GeoJSONSource,
  type LayerSpecification,
  type MapGeoJSONFeature,
  Map as MapLibre,
  type MapMouseEvent,
  NavigationControl,
  type PaddingOptions,
  ScaleControl,
  type StyleSpecification,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { COLOURS, type Ground, ground, tileSource } from "./basemap";
import {
  type BBox,
  BOUNDARIES,
  type Catalogue,
  type DrawnLayer,
  drawingOrder,
  type LayerInfo,
} from "./catalogue";
import { extent } from "./extent";
import { LabelPoints } from "./labels";
import { classFilter } from "./legend";
import type { Language } from "./messages/language";
import { opacityPaint } from "./opacity";
import type { Choice, View } from "./permalink";

setWorkerUrl(workerUrl);

export interface Hit {
  layer: LayerInfo;
  id: string;
  properties: Record<string, unknown>;
}

export interface Listeners {
  moved(view: View): void;
  pointer(at: [number, number] | null): void;
  identified(hits: Hit[], byKeyboard: boolean): void;
  failed(source: string | null): void;
  /** Whether something is still being fetched or drawn. */
  busy(now: boolean): void;
}

const SELECTION = "selection";
const LABELS = "country-labels";
const TOUCH = 9;
const MOST_HITS = 25;

const isTrue = (value: unknown): boolean => value === true || value === 1 || value === "true";

const empty = (): FeatureCollection => ({
  type: "FeatureCollection",
  features: [],
});

export class MapView {
  readonly map: MapLibre;
  #catalogue: Catalogue;
  readonly #language: Language;
  readonly #listeners: Listeners;
  readonly #labels = new LabelPoints();
  #choices = new Map<string, Choice>();
  #hidden: ReadonlySet<string | null> = new Set();

  constructor(
    container: HTMLElement,
    catalogue: Catalogue,
    language: Language,
    start: View | null,
    listeners: Listeners,
  ) {
    this.#language = language;
    this.#catalogue = catalogue;
    this.#listeners = listeners;
    this.map = new MapLibre({
      container,
      style: mapStyle(catalogue),
      ...(start ? { center: start.center, zoom: start.zoom } : { bounds: catalogue.region.bbox }),
      fitBoundsOptions: { padding: roomBeside(container) },
      minZoom: 1.5,
      maxZoom: 18,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      localIdeographFontFamily: "sans-serif",
      fadeDuration: 150,
      locale: controlsIn(language),
    });
    // Many sources: their credits would cover a phone's map. They stay one press away, and stand with each layer.
    this.map.once("load", () => {
      const credits = this.map.getContainer().querySelector(".maplibregl-ctrl-attrib");
      credits?.classList.remove("maplibregl-compact-show");
      credits?.removeAttribute("open");
    });
    this.map.touchZoomRotate.disableRotation();
    const side = sideOfTools(container);
    this.map.addControl(new NavigationControl({ showCompass: false }), `top-${side}`);
    this.map.addControl(new AttributionControl({ compact: true }), `bottom-${side}`);
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), `bottom-${side}`);
    this.#listen();
  }

  /** Shows a layer or raster or hides it, and sets its opacity. */
  apply(choices: ReadonlyMap<string, Choice>): void {
    this.#choices = new Map(choices);
    this.#whenStyled(() => {
      for (const [id, choice] of this.#choices) this.#applyOne(id, choice);
    });
  }

  /** Leaves out the features of the hidden classes, on every layer whose style has them. */
  hideClasses(field: string | null, hidden: ReadonlySet<string | null>): void {
    this.#hidden = hidden;
    this.#whenStyled(() => {
      for (const layer of this.#catalogue.layers.filter((one) => one.style.field === field)) {
        for (const drawn of layer.style.layers) {
          const own = "filter" in drawn ? drawn.filter : null;
          this.map.setFilter(drawn.id, classFilter(layer, this.#hidden, own) as FilterSpecification | null);
        }
      }
    });
  }

  /** Draws the layers in the styles they have now; those whose style is the same stay as they are. */
  restyle(catalogue: Catalogue): void {
    const before = new Map(this.#catalogue.layers.map((layer) => [layer.id, layer]));
    this.#catalogue = catalogue;
    this.#whenStyled(() => {
      for (const layer of catalogue.layers) {
        const old = before.get(layer.id);
        if (old && old.style.id !== layer.style.id) this.#replace(old.style.layers, layer);
      }
    });
  }

  /** Puts a layer's new style where its old one was. */
  #replace(old: DrawnLayer[], layer: LayerInfo): void {
    const gone = new Set(old.map((drawn) => drawn.id));
    const order = this.map.getLayersOrder();
    const last = Math.max(...[...gone].map((id) => order.indexOf(id)));
    if (last < 0) return;
    const above = order.slice(last + 1).find((id) => !gone.has(id));
    for (const id of gone) if (this.map.getLayer(id)) this.map.removeLayer(id);
    for (const drawn of layer.style.layers) this.map.addLayer(drawn, above);
    const choice = this.#choices.get(layer.id);
    if (choice) this.#applyOne(layer.id, choice);
  }

  zoomTo(bbox: BBox): void {
    this.map.fitBounds(bbox, {
      padding: roomBeside(this.map.getContainer()),
      maxZoom: 12,
    });
  }

  select(feature: Feature | null): void {
    this.#whenStyled(() => {
      this.map.getSource<GeoJSONSource>(SELECTION)?.setData(feature ?? empty());
    });
    if (feature) this.#keepInSight(feature);
  }

  /** Asks again for everything that could not be loaded. */
  retry(): void {
    for (const id of Object.keys(this.map.getStyle().sources)) {
      const source = this.map.getSource(id);
      if (source?.type === "vector" || source?.type === "raster") this.map.refreshTiles(id);
    }
  }

  /** The map as it is now, as an image. */
  async picture(): Promise<string> {
    const drawn = new Promise<string>((resolve) => {
      this.map.once("render", () => resolve(this.map.getCanvas().toDataURL("image/png")));
    });
    this.map.triggerRepaint();
    return drawn;
  }

  identifyCentre(): void {
    const { width, height } = this.map.getCanvas().getBoundingClientRect();
    this.#identify(width / 2, height / 2, true);
  }

  /** On a narrow window, moves a feature that the panel at the foot covers to where it can be seen. */
  #keepInSight(feature: Feature): void {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const box = extent(feature);
    if (!box || clientWidth >= 768) return;
    const { y } = this.map.project([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
    if (y > clientHeight * 0.35) this.map.panBy([0, y - clientHeight * 0.18]);
  }

  #listen(): void {
    const { map } = this;
    map.on("load", () => this.#listeners.moved(this.#view()));
    map.on("idle", () => {
      if (!this.#collectLabels()) this.#listeners.busy(false);
    });
    map.on("render", () => this.#listeners.busy(true));
    map.on("moveend", () => this.#listeners.moved(this.#view()));
    map.on("mousemove", (event) => this.#hover(event));
    map.on("mouseout", () => this.#listeners.pointer(null));
    map.on("click", (event) => this.#identify(event.point.x, event.point.y, false));
    map.on("error", (event) => {
      this.#listeners.failed("sourceId" in event ? String(event.sourceId) : null);
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.identifyCentre();
    });
  }

  #view(): View {
    const { lng, lat } = this.map.getCenter().wrap();
    return { center: [lng, lat], zoom: this.map.getZoom() };
  }

  #whenStyled(change: () => void): void {
    if (this.map.isStyleLoaded() || this.map.getLayer("ground:sea")) change();
    else this.map.once("style.load", change);
  }

  #applyOne(id: string, choice: Choice): void {
    for (const drawn of this.#drawnFor(id)) {
      this.map.setLayoutProperty(drawn.id, "visibility", choice.visible ? "visible" : "none");
      for (const [property, value] of opacityPaint(drawn as DrawnLayer, choice.opacity)) {
        this.map.setPaintProperty(drawn.id, property as "fill-opacity", value as ExpressionSpecification);
      }
    }
  }

  #drawnFor(id: string): LayerSpecification[] {
    const ids = {
      [BOUNDARIES]: ["ground:boundaries", LABELS],
      relief: ["ground:relief"],
    }[id];
    if (!ids) return this.#catalogue.layers.find((layer) => layer.id === id)?.style.layers ?? [];
    return ids.filter((one) => this.map.getLayer(one)).map((one) => this.#original(one));
  }

  readonly #originals = new Map<string, LayerSpecification>();

  #original(id: string): LayerSpecification {
    if (!this.#originals.size) {
      for (const layer of this.map.getStyle().layers) this.#originals.set(layer.id, structuredClone(layer));
    }
    return this.#originals.get(id) as LayerSpecification;
  }

  #dataLayerIds(): string[] {
    return this.#catalogue.layers
      .filter((layer) => layer.id !== BOUNDARIES && this.#choices.get(layer.id)?.visible)
      .flatMap((layer) => layer.style.layers.map((drawn) => drawn.id))
      .filter((id) => this.map.getLayer(id));
  }

  #hover(event: MapMouseEvent): void {
    this.#listeners.pointer([event.lngLat.lng, event.lngLat.lat]);
    if (this.map.isMoving()) return;
    const found = this.map.queryRenderedFeatures(event.point, {
      layers: this.#dataLayerIds(),
    });
    this.map.getCanvas().style.cursor = found.length ? "pointer" : "";
  }

  #identify(x: number, y: number, byKeyboard: boolean): void {
    const around: [[number, number], [number, number]] = [
      [x - TOUCH, y - TOUCH],
      [x + TOUCH, y + TOUCH],
    ];
    const areas = this.map.queryRenderedFeatures([x, y], {
      layers: this.#dataLayerIds(),
    });
    const near = this.map.queryRenderedFeatures(around, {
      layers: this.#dataLayerIds(),
    });
    const thin = near.filter((feature) => feature.layer.type !== "fill");
    this.#listeners.identified(this.#hits([...thin, ...areas]), byKeyboard);
  }

  #hits(features: MapGeoJSONFeature[]): Hit[] {
    const hits = new Map<string, Hit>();
    for (const { source, properties } of features) {
      const layer = this.#catalogue.layers.find((one) => one.id === source);
      const id = properties["identifier"];
      if (layer && id !== undefined) hits.set(`${source}/${id}`, { layer, id: String(id), properties });
    }
    return [...hits.values()].slice(0, MOST_HITS);
  }

  /** Names the members alone: how to name others is not for this map to say. Says whether a name moved. */
  #collectLabels(): boolean {
    if (!this.map.getSource(BOUNDARIES)) return false;
    const members = this.map
      .querySourceFeatures(BOUNDARIES, { sourceLayer: BOUNDARIES })
      .filter((feature) => isTrue(feature.properties["member"]));
    const outlines = members.map((feature) => ({
      name: this.#language.word(String(feature.properties["name"] ?? "")),
      polygons:
        feature.geometry.type === "MultiPolygon"
          ? feature.geometry.coordinates
          : feature.geometry.type === "Polygon"
            ? [feature.geometry.coordinates]
            : [],
    }));
    const moved = this.#labels.add(outlines);
    if (moved) this.map.getSource<GeoJSONSource>(LABELS)?.setData(this.#labels.collection());
    return moved;
  }
}

/** Where the tools stand: on the side a line of text ends at; the panels are at the other. */
function sideOfTools(container: HTMLElement): "left" | "right" {
  return getComputedStyle(container).direction === "rtl" ? "left" : "right";
}

/** What the panels cover, in pixels: the side a line begins at of a wide window, the foot of a narrow one. */
function roomBeside(container: HTMLElement): PaddingOptions {
  const wide = container.clientWidth >= 768;
  const margin = wide ? 24 : 8;
  const panel = wide ? Math.min(352, container.clientWidth * 0.36) + 12 : 0;
  const tools = wide ? 40 : 0;
  const [left, right] = sideOfTools(container) === "right" ? [panel, tools] : [tools, panel];
  return {
    top: margin,
    right: margin + right,
    bottom: margin + (wide ? 0 : 56),
    left: margin + left,
  };
}

/** What MapLibre's own controls say. */
const controlsIn = ({ t }: Language): Record<string, string> => ({
  "AttributionControl.ToggleAttribution": t("credits"),
  "Map.Title": t("map"),
  "NavigationControl.ZoomIn": t("zoomIn"),
  "NavigationControl.ZoomOut": t("zoomOut"),
});

function mapStyle(catalogue: Catalogue): StyleSpecification {
  const base = ground(catalogue, location.origin);
  const data = drawingOrder(catalogue.layers);
  const areas = data.filter((layer) => layer.geometryType === "MultiPolygon");
  const rest = data.filter((layer) => layer.geometryType !== "MultiPolygon");
  const drawn = (layers: LayerInfo[]): LayerSpecification[] =>
    layers.flatMap((layer) => layer.style.layers);
  return {
    version: 8,
    sprite: location.origin + catalogue.sprite,
    sources: {
      ...base.sources,
      ...Object.fromEntries(data.map((layer) => [layer.id, tileSource(layer, location.origin)])),
      [LABELS]: { type: "geojson", data: empty() },
      [SELECTION]: { type: "geojson", data: empty() },
    },
    layers: stack(base, drawn(areas), drawn(rest)),
  };
}

const stack = (base: Ground, areas: LayerSpecification[], rest: LayerSpecification[]) => [
  ...base.below,
  ...areas,
  ...base.above,
  ...rest,
  countryLabels(),
  ...selectionLayers(),
];

function countryLabels(): LayerSpecification {
  return {
    id: LABELS,
    type: "symbol",
    source: LABELS,
    maxzoom: 8,
    layout: {
      "text-field": ["get", "name"],
      "text-font": ["sans-serif"],
      "text-size": ["interpolate", ["linear"], ["zoom"], 3, 11, 7, 17],
      "text-letter-spacing": 0.06,
      "text-max-width": 7,
      "symbol-sort-key": ["-", 0, ["get", "area"]],
    },
    paint: {
      "text-color": COLOURS.text,
      "text-halo-color": COLOURS.halo,
      "text-halo-width": 1.4,
    },
  };
}

function selectionLayers(): LayerSpecification[] {
  const isPoint: ExpressionSpecification = ["==", ["geometry-type"], "Point"];
  return [
    {
      id: "selection:casing",
      type: "line",
      source: SELECTION,
      paint: {
        "line-color": "#ffffff",
        "line-width": 5.5,
        "line-opacity": 0.9,
      },
    },
    {
      id: "selection:line",
      type: "line",
      source: SELECTION,
      paint: { "line-color": "#b3003c", "line-width": 2.5 },
    },
    {
      id: "selection:point-casing",
      type: "circle",
      source: SELECTION,
      filter: isPoint,
      paint: {
        "circle-radius": 12,
        "circle-opacity": 0,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 6,
      },
    },
    {
      id: "selection:point",
      type: "circle",
      source: SELECTION,
      filter: isPoint,
      paint: {
        "circle-radius": 12,
        "circle-opacity": 0,
        "circle-stroke-color": "#b3003c",
        "circle-stroke-width": 3,
      },
    },
  ];
}
