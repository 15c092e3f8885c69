import { describe, expect, it } from "vitest";
import type { FieldInfo } from "./catalogue";
import { featureTable, formatCoordinates, formatValue } from "./format";
import { Language } from "./messages/language";

const english = new Language("en");

const field = (name: string, type = "string", unit: string | null = null): FieldInfo => ({
  name,
  title: `Title of ${name}`,
  type,
  unit,
  vocabulary: null,
});

describe("formatValue", () => {
  it("tells nothing known from zero and no", () => {
    expect(formatValue(null, field("a"), english)).toBeNull();
    expect(formatValue("", field("a"), english)).toBeNull();
    expect(formatValue([], field("a", "strings"), english)).toBeNull();
    expect(formatValue(0, field("a", "number", "t"), english)).toBe("0 t");
    expect(formatValue(false, field("a", "boolean"), english)).toBe("no");
  });

  it("writes years without and quantities with separators", () => {
    expect(formatValue(1998, field("year", "integer"), english)).toBe("1998");
    expect(formatValue(1998, field("mass", "number", "t"), english)).toBe("1,998 t");
  });

  it("joins lists and spells dates out", () => {
    expect(formatValue(["nickel", "cobalt"], field("a", "strings"), english)).toBe("nickel, cobalt");
    expect(formatValue("2026-03-01", field("a", "date"), english)).toBe("1 March 2026");
  });
});

describe("formatCoordinates", () => {
  it("names the hemispheres and wraps around the date line", () => {
    expect(formatCoordinates([117.5, -2.25], 4, english)).toBe("2.25° S, 117.50° E");
    expect(formatCoordinates([190, 1], 4, english)).toBe("1.00° N, 170.00° W");
  });
});

describe("in Indonesian", () => {
  const indonesian = new Language("id", { tin: "timah" });

  it("tells coordinates apart though numbers have commas", () => {
    expect(formatCoordinates([117.5, -2.25], 4, indonesian)).toBe("2,25° LS; 117,50° BT");
  });

  it("names terms but leaves names as they are", () => {
    const fields = [field("name"), field("commodity"), field("commodity_uri")];
    const { facts } = featureTable(fields, ["name", "commodity"], { name: "tin", commodity: "tin" }, indonesian);
    expect(facts.map((row) => row.text)).toEqual(["tin", "timah"]);
  });
});

describe("featureTable", () => {
  const fields = [
    "identifier",
    "name",
    "commodity",
    "commodity_uri",
    "owner",
    "mine_uri",
    "source",
    "positionalAccuracy",
  ].map((name) => field(name));

  it("links a term to its definition in one row", () => {
    const { facts } = featureTable(
      fields,
      ["name"],
      { commodity: "tin", commodity_uri: "https://example.org/tin" },
      english,
    );
    expect(facts.find((row) => row.name === "commodity")).toMatchObject({
      text: "tin",
      href: "https://example.org/tin",
    });
    expect(facts.some((row) => row.name === "commodity_uri")).toBe(false);
  });

  it("shows an address alone by its last part", () => {
    const { facts } = featureTable(fields, [], { mine_uri: "https://example.org/mines/big_pit" }, english);
    expect(facts).toMatchObject([{ text: "big pit" }]);
  });

  it("always tells source, licence and accuracy, known or not", () => {
    const { provenance } = featureTable(fields, [], {}, english);
    expect(provenance.map((row) => [row.name, row.text])).toEqual([
      ["source", null],
      ["licence", null],
      ["positionalAccuracy", null],
    ]);
  });

  it("keeps unknown summary values and lists the other unknown fields by title", () => {
    const { facts, unknown } = featureTable(fields, ["name"], { identifier: "a" }, english);
    expect(facts.map((row) => row.name)).toEqual(["name", "identifier"]);
    expect(unknown).toEqual(["Title of commodity", "Title of owner"]);
  });

  it("shows the title of a code", () => {
    const { facts } = featureTable(
      [field("country")],
      ["country"],
      { country: "LAO" },
      english,
      { country: { LAO: "Lao PDR" } },
    );
    expect(facts[0]?.text).toBe("Lao PDR");
  });
});
