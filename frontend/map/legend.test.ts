import { describe, expect, it } from "vitest";
import { alternatives, type BBox, drawingOrder, grouped, inStyles, type LayerInfo } from "./catalogue";
import { classFilter, layerSymbol, sharedLegend } from "./legend";
import { opacityPaint } from "./opacity";

function layer(id: string, fills: Record<string, string>, more: Partial<LayerInfo> = {}): LayerInfo {
  const symbol = {
    shape: "circle" as const,
    size: 8,
    fill: "#111111",
    fill_opacity: 1,
    stroke: null,
    stroke_width: 0,
    dash: [],
  };
  const legend = Object.entries(fills).map(([value, fill]) => ({
    title: value,
    value,
    symbol: { ...symbol, fill },
  }));
  return {
    id,
    title: id,
    abstract: "",
    group: "Sites",
    geometryType: "Point",
    bbox: null,
    count: 1,
    release: 1,
    publishedAt: null,
    minzoom: 0,
    maxzoom: 10,
    attribution: "",
    licence: "",
    fields: [],
    summary: [],
    styles: [],
    style: {
      id,
      title: "By group",
      abstract: "",
      field: "group",
      legend: [...legend, { title: "Other", value: null, symbol }],
      layers: [],
    },
    tiles: "",
    items: "",
    ...more,
  };
}

function byStatus(id: string): LayerInfo {
  const one = layer(id, { open: "#00aa00" });
  return { ...one, style: { ...one.style, id: `${id}-by-status`, field: "status" } };
}

describe("sharedLegend", () => {
  it("joins the classes of layers that agree, the rest last", () => {
    const shared = sharedLegend([
      layer("a", { tin: "#aa0000" }),
      layer("b", { tin: "#aa0000", gold: "#bbbb00" }),
    ]);
    expect(shared?.entries.map((entry) => entry.value)).toEqual(["tin", "gold", null]);
  });

  it("leaves a layer in another style to itself", () => {
    const shared = sharedLegend([layer("a", { tin: "#aa0000" }), byStatus("b"), layer("c", { tin: "#aa0000" })]);
    expect(shared?.field).toBe("group");
    expect(shared?.entries.map((entry) => entry.value)).toEqual(["tin", null]);
    expect(sharedLegend([layer("a", { tin: "#aa0000" }), byStatus("b")])).toBeNull();
  });

  it("is none where a value has two colours, or only one layer has classes", () => {
    expect(sharedLegend([layer("a", { tin: "#aa0000" }), layer("b", { tin: "#00aa00" })])).toBeNull();
    expect(sharedLegend([layer("a", { tin: "#aa0000" })])).toBeNull();
  });
});

describe("classFilter", () => {
  it("is none while nothing is hidden", () => {
    expect(classFilter(layer("a", { tin: "#aa0000" }), new Set())).toBeNull();
  });

  it("leaves out named values, and by null every value no class names", () => {
    const one = layer("a", { tin: "#aa0000", gold: "#bbbb00" });
    const get = ["coalesce", ["get", "group"], ""];
    expect(classFilter(one, new Set(["tin"]))).toEqual(["all", ["!", ["in", get, ["literal", ["tin"]]]]]);
    expect(classFilter(one, new Set([null]))).toEqual(["all", ["in", get, ["literal", ["tin", "gold"]]]]);
  });

  it("keeps the filter a drawn layer has of its own", () => {
    const own = ["==", ["get", "kind"], "x"];
    expect(classFilter(layer("a", { tin: "#aa0000" }), new Set(["tin"]), own)).toEqual([
      "all",
      own,
      ["!", ["in", ["coalesce", ["get", "group"], ""], ["literal", ["tin"]]]],
    ]);
    expect(classFilter(layer("a", {}), new Set(), own)).toEqual(own);
  });
});

describe("styles", () => {
  const mines = layer("mines", { tin: "#aa0000" });
  const offered = { ...mines, styles: [mines.style, byStatus("mines").style] };
  const region = { id: "", title: "", description: "", bbox: [0, 0, 1, 1] as BBox, members: [], disclaimer: "" };
  const catalogue = { region, layers: [offered], rasters: [], sprite: "", shapes: {} };

  it("are the default's unless another is asked for", () => {
    expect(alternatives(inStyles(catalogue, ["of-no-layer"]).layers)).toEqual([]);
    const changed = inStyles(catalogue, ["mines-by-status"]);
    expect(changed.layers[0]?.style.field).toBe("status");
    expect(alternatives(changed.layers)).toEqual(["mines-by-status"]);
    expect(alternatives(inStyles(changed, ["mines"]).layers)).toEqual([]);
  });
});

describe("catalogue", () => {
  it("lists sites first and boundaries last, and draws areas below lines below points", () => {
    const geology = layer("geology", {}, { geometryType: "MultiPolygon", group: "Geology" });
    const faults = layer("faults", {}, { geometryType: "MultiLineString", group: "Geology" });
    const countries = layer("countries", {}, { geometryType: "MultiPolygon", group: "Orientation" });
    const all = [countries, geology, faults, layer("mines", {}), layer("plants", {})];
    expect(grouped(all).map((group) => group.title)).toEqual(["Sites", "Geology", "Orientation"]);
    expect(drawingOrder(all).map((one) => one.id)).toEqual(["geology", "faults", "plants", "mines"]);
  });
});

describe("symbols of layers", () => {
  it("have no colour where the classes have one each", () => {
    expect(layerSymbol(layer("a", { tin: "#aa0000" }))?.fill).toBeNull();
    expect(layerSymbol(layer("a", {}))?.fill).toBe("#111111");
  });
});

describe("opacityPaint", () => {
  it("multiplies numbers and expressions, and leaves full opacity as it was", () => {
    const fill = { type: "fill" as const, paint: { "fill-opacity": 0.5 } };
    expect(opacityPaint(fill, 0.5)).toEqual([["fill-opacity", 0.25]]);
    expect(opacityPaint(fill, 1)).toEqual([["fill-opacity", 0.5]]);
    const match = {
      type: "line" as const,
      paint: { "line-opacity": ["get", "o"] as never },
    };
    expect(opacityPaint(match, 0.5)).toEqual([["line-opacity", ["*", ["get", "o"], 0.5]]]);
  });
});
