import { describe, expect, it } from "vitest";
import { type Choice, formatPermalink, parsePermalink } from "./permalink";

const view = { zoom: 6.254, center: [118.30411, -2.1] as [number, number] };
const choices = new Map<string, Choice>([
  ["mines", { visible: true, opacity: 0.6 }],
  ["mineral-deposits", { visible: true, opacity: 1 }],
  ["geologic-units", { visible: false, opacity: 1 }],
  ["relief", { visible: false, opacity: 1 }],
]);

describe("permalink", () => {
  it("brings back what it was made from", () => {
    const feature = { layer: "mines", id: "a/b c&d" };
    const link = parsePermalink(
      formatPermalink(view, choices, feature, new Set(["relief", "countries"]), ["mines-by-status"]),
    );
    expect(link.view?.zoom).toBeCloseTo(6.25);
    expect(link.view?.center[0]).toBeCloseTo(118.304, 3);
    expect(link.layers).toEqual(
      new Map([
        ["mines", 0.6],
        ["mineral-deposits", 1],
      ]),
    );
    expect(link.styles).toEqual(["mines-by-status"]);
    expect(link.without).toEqual(new Set(["relief"]));
    expect(link.feature).toEqual(feature);
  });

  it("tells no layer from nothing said about layers", () => {
    expect(parsePermalink("").layers).toBeNull();
    expect(parsePermalink("").styles).toEqual([]);
    expect(parsePermalink("#layers=").layers).toEqual(new Map());
  });

  it.each(["#map=", "#map=5/100/10", "#map=5/x/10", "#map=99/1/1", "#map=5/10", "#map=5/1/181"])(
    "leaves out the position of %s",
    (hash) => expect(parsePermalink(hash).view).toBeNull(),
  );

  it.each(["#feature=", "#feature=mines", "#feature=/a", "#feature=mines/"])(
    "leaves out the feature of %s",
    (hash) => expect(parsePermalink(hash).feature).toBeNull(),
  );

  it("takes a wrong opacity as none", () => {
    expect(parsePermalink("#layers=mines@x,geology@900").layers).toEqual(
      new Map([
        ["mines", 1],
        ["geology", 1],
      ]),
    );
  });
});
