// Values as people read them.
import type { FieldInfo } from "./catalogue";

export const UNKNOWN = "unknown";

/** UCUM codes that read better otherwise. */
const UNITS: Record<string, string> = {
  "t/a": "t per year",
  har: "ha",
  Ma: "million years",
};

const numberFormat = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });
const dateFormat = new Intl.DateTimeFormat("en", {
  dateStyle: "long",
  timeZone: "UTC",
});

export const formatNumber = (value: number): string => numberFormat.format(value);

export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : dateFormat.format(date);
}

/** A field's value as text, null where nothing is known. */
export function formatValue(value: unknown, field: Pick<FieldInfo, "type" | "unit">): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (Array.isArray(value)) return value.length ? value.map(String).join(", ") : null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    const text = field.type === "integer" && isYear(value, field.unit) ? String(value) : formatNumber(value);
    return field.unit ? `${text} ${UNITS[field.unit] ?? field.unit}` : text;
  }
  if (field.type === "date" || field.type === "date-time") return formatDate(String(value));
  return String(value);
}

const isYear = (value: number, unit: string | null): boolean =>
  unit === null && value >= 1000 && value < 2200;

export function formatCoordinates([lng, lat]: [number, number], zoom: number): string {
  const places = zoom < 6 ? 2 : zoom < 11 ? 3 : 5;
  const part = (value: number, positive: string, negative: string): string =>
    `${Math.abs(value).toFixed(places)}° ${value < 0 ? negative : positive}`;
  return `${part(lat, "N", "S")}, ${part(((((lng + 180) % 360) + 360) % 360) - 180, "E", "W")}`;
}

export interface Row {
  name: string;
  title: string;
  text: string | null;
  href: string | null;
}

export interface FeatureTable {
  /** The layer's summary, unknown values included, then everything else that is known. */
  facts: Row[];
  /** Where the facts come from; source, licence and positional accuracy are always there. */
  provenance: Row[];
  /** Titles of the other fields nothing is known of. */
  unknown: string[];
}

const ALWAYS = ["source", "licence", "positionalAccuracy"];
const PROVENANCE = [...ALWAYS, "confidence", "observationMethod", "sourceId", "sourceUrl"];
const ALWAYS_TITLES = ["Source", "Licence", "Positional accuracy"];

const isAddress = (value: unknown): value is string =>
  typeof value === "string" && /^https?:\/\//.test(value);
const lastSegment = (address: string): string =>
  decodeURIComponent(
    address
      .replace(/[/#]+$/, "")
      .split(/[/#]/)
      .pop() ?? address,
  ).replace(/[_-]/g, " ");

/** Titles of coded values, by field and code. */
export type Terms = Record<string, Record<string, string>>;

/** How a feature's values are shown: `x` and `x_uri` make one row, a term that links to its definition. */
export function featureTable(
  fields: FieldInfo[],
  summary: string[],
  properties: Record<string, unknown>,
  terms: Terms = {},
): FeatureTable {
  const names = new Set(fields.map((field) => field.name));
  const rows = fields
    .filter((field) => !(field.name.endsWith("_uri") && names.has(field.name.slice(0, -4))))
    .map((field) => row(field, properties, terms));
  const byName = new Map(rows.map((one) => [one.name, one]));
  const first = summary.map((name) => byName.get(name)).filter((one) => one !== undefined);
  const rest = rows.filter((one) => !summary.includes(one.name) && !PROVENANCE.includes(one.name));
  return {
    facts: [...first, ...rest.filter((one) => one.text !== null)],
    provenance: PROVENANCE.map((name, i) => byName.get(name) ?? absent(name, ALWAYS_TITLES[i])).filter(
      (one) => one.text !== null || ALWAYS.includes(one.name),
    ),
    unknown: rest.filter((one) => one.text === null && !one.name.endsWith("_uri")).map((one) => one.title),
  };
}

const absent = (name: string, title = name): Row => ({
  name,
  title,
  text: null,
  href: null,
});

function row(field: FieldInfo, properties: Record<string, unknown>, terms: Terms): Row {
  const given = properties[field.name];
  const value = typeof given === "string" ? (terms[field.name]?.[given] ?? given) : given;
  const uri = properties[`${field.name}_uri`];
  const href = isAddress(value) ? value : isAddress(uri) ? uri : null;
  const isTerm = isAddress(value) && field.name.endsWith("_uri");
  return {
    name: field.name,
    title: field.title.replace(/ \(URI\)$/, ""),
    text: isTerm ? lastSegment(value) : formatValue(value, field),
    href,
  };
}
