import { describe, expect, it } from "vitest";
import { en } from "./en";
import { id } from "./id";
import { Language } from "./language";
import type { MessageKey } from ".";

const names = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

it.each(Object.keys(en) as MessageKey[])("%s says the same values in both languages", (key) => {
  expect(id[key]).not.toBe("");
  expect(names(id[key])).toEqual(names(en[key]));
});

it("has the same messages in both languages", () => {
  expect(Object.keys(id)).toEqual(Object.keys(en));
});

describe("Language", () => {
  const indonesian = new Language("id", { Mines: "Tambang" });

  it("fills values in and leaves what it has no word for", () => {
    expect(indonesian.t("detailsOf", { layer: "Tambang" })).toBe("Rincian Tambang");
    expect([indonesian.word("Mines"), indonesian.word("Grasberg")]).toEqual(["Tambang", "Grasberg"]);
  });

  it("writes numbers and days as readers are used to", () => {
    expect(indonesian.number(1234.5)).toBe("1.234,5");
    expect(indonesian.fixed(-2.25, 3)).toBe("-2,250");
    expect(indonesian.day("2026-05-03T23:00:00Z")).toBe("3 Mei 2026");
    expect(new Language("en").day("2026-05-03")).toBe("3 May 2026");
  });

  it("speaks English where there is no catalogue", () => {
    expect(new Language("vi").t("print")).toBe("Print");
  });
});
