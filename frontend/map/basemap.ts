// The ground every map of the system stands on: sea, relief, states, and their names. All of it from this server.
import type {
	ExpressionSpecification,
	LayerSpecification,
	SourceSpecification,
} from "maplibre-gl";
import {
	absolute,
	BOUNDARIES,
	type Catalogue,
	type DrawnLayer,
	type LayerInfo,
} from "./catalogue";

export interface Palette {
	sea: string;
	land: string;
	veil: string;
	boundary: string;
	memberBoundary: string;
	text: string;
	halo: string;
}

const LIGHT: Palette = {
	sea: "#97b7d4",
	land: "#f4f2ec",
	veil: "#e7e9e8",
	boundary: "#9aa3a8",
	memberBoundary: "#475560",
	text: "#22303a",
	halo: "#ffffff",
};

const DARK: Palette = {
	sea: "#2c3c49",
	land: "#2a333a",
	veil: "#18222a",
	boundary: "#4d5a64",
	memberBoundary: "#a3b0b9",
	text: "#e6edf1",
	halo: "#10191f",
};

export const palette = (dark: boolean): Palette => (dark ? DARK : LIGHT);

const isMember: ExpressionSpecification = ["to-boolean", ["get", "member"]];

export interface Ground {
	sources: Record<string, SourceSpecification>;
	/** Drawn below the data. */
	below: LayerSpecification[];
	/** Drawn above areas and below lines and points: boundaries stay visible on a geological map. */
	above: LayerSpecification[];
}

export function tileSource(
	layer: LayerInfo,
	origin: string,
): SourceSpecification {
	return {
		type: "vector",
		tiles: [absolute(layer.tiles, origin)],
		minzoom: layer.minzoom,
		maxzoom: layer.maxzoom,
		attribution: layer.attribution,
		...(layer.bbox && { bounds: layer.bbox }),
	};
}

export function ground(
	catalogue: Catalogue,
	origin: string,
	dark: boolean,
): Ground {
	const colours = palette(dark);
	const found: Ground = {
		sources: {},
		below: [
			{
				id: "ground:sea",
				type: "background",
				paint: { "background-color": colours.sea },
			},
		],
		above: [],
	};
	const countries = catalogue.layers.find((layer) => layer.id === BOUNDARIES);
	if (countries) {
		found.sources[BOUNDARIES] = tileSource(countries, origin);
		found.below.push(area("ground:land", { "fill-color": colours.land }));
	}
	for (const raster of catalogue.rasters.filter((one) => one.id === "relief")) {
		found.sources[raster.id] = {
			type: "raster",
			tiles: [absolute(raster.tiles, origin)],
			tileSize: 512,
			maxzoom: 8,
			attribution: raster.attribution,
			...(raster.bbox && { bounds: raster.bbox }),
		};
		found.below.push({
			id: "ground:relief",
			type: "raster",
			source: raster.id,
			paint: reliefPaint(dark),
		});
	}
	if (countries) {
		const veil = {
			"fill-color": colours.veil,
			"fill-opacity": dark ? 0.7 : 0.62,
		};
		found.below.push({
			...area("ground:veil", veil),
			filter: ["!", isMember],
		} as DrawnLayer);
		found.above.push(...boundaryLines(colours));
	}
	return found;
}

const reliefPaint = (dark: boolean): Record<string, unknown> =>
	dark
		? {
				"raster-brightness-max": 0.36,
				"raster-saturation": -0.1,
				"raster-fade-duration": 0,
			}
		: {
				"raster-brightness-min": 0.08,
				"raster-saturation": -0.1,
				"raster-fade-duration": 0,
			};

const area = (id: string, paint: Record<string, unknown>): DrawnLayer =>
	({
		id,
		type: "fill",
		source: BOUNDARIES,
		"source-layer": BOUNDARIES,
		paint: { "fill-antialias": false, ...paint },
	}) as DrawnLayer;

function boundaryLines(colours: Palette): LayerSpecification[] {
	return [
		{
			id: "ground:boundaries",
			type: "line",
			source: BOUNDARIES,
			"source-layer": BOUNDARIES,
			layout: { "line-join": "round" },
			paint: {
				"line-color": [
					"case",
					isMember,
					colours.memberBoundary,
					colours.boundary,
				],
				"line-width": [
					"interpolate",
					["linear"],
					["zoom"],
					3,
					["case", isMember, 0.7, 0.4],
					9,
					["case", isMember, 1.6, 1],
				],
			},
		},
	];
}
