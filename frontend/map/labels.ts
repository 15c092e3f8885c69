// One label for each member state, on the largest piece of it that the loaded tiles hold: vector tiles carry no label points.
import type { Feature, FeatureCollection, Point, Position } from "geojson";

export interface Outline {
  name: string;
  polygons: Position[][][];
}

/** Twice the signed area of a ring in square degrees, and its centroid. */
function ringMeasure(ring: Position[]): { area: number; centre: Position } {
  let [area, x, y] = [0, 0, 0];
  for (let i = 0; i + 1 < ring.length; i++) {
    const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = []] = [ring[i], ring[i + 1]];
    const cross = x0 * y1 - x1 * y0;
    area += cross;
    x += (x0 + x1) * cross;
    y += (y0 + y1) * cross;
  }
  return {
    area: Math.abs(area),
    centre: area === 0 ? (ring[0] ?? [0, 0]) : [x / (3 * area), y / (3 * area)],
  };
}

export class LabelPoints {
  #best = new Map<string, { area: number; feature: Feature<Point> }>();

  /** Takes note of outlines (pieces of them will do); says whether a label moved. */
  add(outlines: Iterable<Outline>): boolean {
    let moved = false;
    for (const { name, polygons } of outlines) {
      for (const [ring] of polygons) {
        if (!ring) continue;
        const { area, centre } = ringMeasure(ring);
        if (area <= (this.#best.get(name)?.area ?? 0) * 1.05) continue;
        moved = true;
        const geometry: Point = { type: "Point", coordinates: centre };
        this.#best.set(name, {
          area,
          feature: { type: "Feature", geometry, properties: { name, area } },
        });
      }
    }
    return moved;
  }

  collection(): FeatureCollection<Point> {
    return {
      type: "FeatureCollection",
      features: [...this.#best.values()].map(({ feature }) => feature),
    };
  }
}
