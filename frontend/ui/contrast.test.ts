import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { colourTokens, contrast, type Scheme } from "./contrast";

const tokens = colourTokens(readFileSync(fileURLToPath(new URL("tokens.css", import.meta.url)), "utf8"));

const GROUNDS = ["ground", "surface", "surface-2"];
const on = (grounds: string[], inks: string[]): [string, string][] =>
  inks.flatMap((ink) => grounds.map((ground): [string, string] => [ink, ground]));

const TEXT = [
  ...on(GROUNDS, ["ink", "ink-2", "brand", "brand-strong", "bad"]),
  ...on(["brand-wash", "accent-wash", "good-wash", "warn-wash", "bad-wash"], ["ink", "ink-2", "brand-strong"]),
  ...on(["surface", "good-wash"], ["good"]),
  ...on(["surface", "warn-wash"], ["warn"]),
  ...on(["bad-wash"], ["bad"]),
  ...on(["surface", "accent-wash"], ["accent"]),
  ...on(["brand-wash"], ["brand"]),
  ...on(["brand", "brand-strong"], ["on-brand"]),
  ...on(["bad"], ["on-bad"]),
  ...on(["ink"], ["surface"]),
  ...on(["masthead"], ["on-masthead", "on-masthead-2"]),
];
const EDGES = [...on(GROUNDS, ["line-2", "focus"]), ...on(["surface"], ["brand", "warn", "bad", "good"])];

describe.each<Scheme>(["light", "dark"])("in the %s scheme", (scheme) => {
  const ratio = (first: string, second: string): number => {
    const [a, b] = [tokens[scheme][first], tokens[scheme][second]];
    if (!a || !b) throw new Error(`tokens.css has no colour ${a ? second : first}`);
    return contrast(a, b);
  };

  it.each(TEXT)("text in %s on %s is legible", (ink, ground) => {
    expect(ratio(ink, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(EDGES)("an edge in %s on %s is seen", (edge, ground) => {
    expect(ratio(edge, ground)).toBeGreaterThanOrEqual(3);
  });
});

it("contrast is that of WCAG", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});
