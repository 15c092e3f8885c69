// The small map on pages of the data services: the features the page lists, over the system's own ground.
import type { FeatureCollection } from "geojson";
import { type LayerSpecification, Map as MapLibre, NavigationControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { ground } from "../map/basemap";
import { type Catalogue, type DrawnLayer, fetchCatalogue, fetchJson } from "../map/catalogue";
import { extent } from "../map/extent";

const SOURCE = "page";

async function draw(container: HTMLElement): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>('link[rel="alternate"][type="application/geo+json"]');
  if (!link) throw new Error("The page links to no GeoJSON");
  const address = new URL(link.href);
  const [catalogue, data] = await Promise.all([
    fetchCatalogue(),
    fetchJson<FeatureCollection>(address.pathname + address.search),
  ]);
  setWorkerUrl(workerUrl);
  const base = ground(catalogue, location.origin);
  const map = new MapLibre({
    container,
    style: {
      version: 8,
      sprite: location.origin + catalogue.sprite,
      sources: { ...base.sources, [SOURCE]: { type: "geojson", data } },
      layers: [...base.below, ...base.above, ...featureLayers(catalogue, container.dataset["layer"] ?? "")],
    },
    bounds: extent(data) ?? catalogue.region.bbox,
    // Room for the names below the points and for the credits at the foot.
    fitBoundsOptions: { padding: { top: 32, right: 48, bottom: 80, left: 48 }, maxZoom: 9 },
    cooperativeGestures: true,
    dragRotate: false,
    attributionControl: { compact: true },
  });
  map.addControl(new NavigationControl({ showCompass: false }));
  map.on("error", () => container.classList.add("incomplete"));
}

/** The layer's own style on the page's features; plain dots, lines and areas for a layer that has none. */
function featureLayers(catalogue: Catalogue, id: string): LayerSpecification[] {
  const styled = catalogue.layers.find((layer) => layer.id === id)?.style.layers ?? [];
  if (!styled.length) return plain();
  return styled.map((layer) => {
    const { "source-layer": _, minzoom: __, ...rest } = layer as DrawnLayer & { "source-layer"?: string };
    return { ...rest, source: SOURCE } as LayerSpecification;
  });
}

const plain = (): LayerSpecification[] => [
  {
    id: "page:line",
    type: "line",
    source: SOURCE,
    paint: { "line-color": "#9a4a12", "line-width": 2 },
  },
];

for (const container of document.querySelectorAll<HTMLElement>("[data-features-map]")) {
  draw(container).catch(() => {
    container.textContent = container.dataset["failed"] ?? "";
    container.classList.add("fill-message");
  });
}
