// Values as people read them.
import type { FieldInfo } from "./catalogue";
import type { MessageKey } from "./messages";
import type { Language } from "./messages/language";

/** UCUM codes that read better otherwise. */
const UNITS: Partial<Record<string, MessageKey>> = { "t/a": "tonnesPerYear", Ma: "millionYears" };

function unitOf(code: string, language: Language): string {
  const key = UNITS[code];
  return key ? language.t(key) : code.replace(/^har$/, "ha");
}

/** A field's value as text, null where nothing is known. */
export function formatValue(
  value: unknown,
  field: Pick<FieldInfo, "type" | "unit">,
  language: Language,
): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (Array.isArray(value)) return value.length ? value.map((one) => language.word(String(one))).join(", ") : null;
  if (typeof value === "boolean") return language.t(value ? "yes" : "no");
  if (typeof value === "number") {
    const text = field.type === "integer" && isYear(value, field.unit) ? String(value) : language.number(value);
    return field.unit ? `${text} ${unitOf(field.unit, language)}` : text;
  }
  if (field.type === "date" || field.type === "date-time") return language.day(String(value));
  return String(value);
}

const isYear = (value: number, unit: string | null): boolean =>
  unit === null && value >= 1000 && value < 2200;

export function formatCoordinates([lng, lat]: [number, number], zoom: number, language: Language): string {
  const places = zoom < 6 ? 2 : zoom < 11 ? 3 : 5;
  const part = (value: number, positive: MessageKey, negative: MessageKey): string =>
    `${language.fixed(Math.abs(value), places)}° ${language.t(value < 0 ? negative : positive)}`;
  // Where a comma is part of a number, it does not part two.
  const between = language.fixed(0.5, 1).includes(",") ? "; " : ", ";
  return [part(lat, "north", "south"), part(((((lng + 180) % 360) + 360) % 360) - 180, "east", "west")].join(between);
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
const ALWAYS_TITLES: MessageKey[] = ["source", "licence", "positionalAccuracy"];

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
  language: Language,
  terms: Terms = {},
): FeatureTable {
  const names = new Set(fields.map((field) => field.name));
  const rows = fields
    .filter((field) => !(field.name.endsWith("_uri") && names.has(field.name.slice(0, -4))))
    .map((field) => row(field, properties, terms, language, names.has(`${field.name}_uri`)));
  const byName = new Map(rows.map((one) => [one.name, one]));
  const first = summary.map((name) => byName.get(name)).filter((one) => one !== undefined);
  const rest = rows.filter((one) => !summary.includes(one.name) && !PROVENANCE.includes(one.name));
  return {
    facts: [...first, ...rest.filter((one) => one.text !== null)],
    provenance: PROVENANCE.map((name, i) => {
      const title = ALWAYS_TITLES[i];
      return byName.get(name) ?? absent(name, title && language.t(title));
    }).filter(
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

/** coded: its text is the label of a term, which the language may have a word for. */
function row(
  field: FieldInfo,
  properties: Record<string, unknown>,
  terms: Terms,
  language: Language,
  coded: boolean,
): Row {
  const given = properties[field.name];
  const named = typeof given === "string" ? (terms[field.name]?.[given] ?? given) : given;
  const value = typeof named === "string" && (coded || field.vocabulary) ? language.word(named) : named;
  const uri = properties[`${field.name}_uri`];
  const href = isAddress(value) ? value : isAddress(uri) ? uri : null;
  const isTerm = isAddress(value) && field.name.endsWith("_uri");
  return {
    name: field.name,
    title: field.title.replace(/ \(URI\)$/, ""),
    text: isTerm ? lastSegment(value) : formatValue(value, field, language),
    href,
  };
}
