import { afterEach, describe, expect, it, vi } from "vitest";
import { destination, pieces, Suggestions } from "./suggestions";

const answer = (names: string[]): Response => Response.json({ suggestions: names.map((name) => ({ name })) });

afterEach(() => vi.unstubAllGlobals());

describe("pieces", () => {
  it("cuts a name at what was typed", () => {
    expect(pieces("Pt Tambang Timah", [[3, 6]])).toEqual([
      { text: "Pt ", found: false },
      { text: "Tam", found: true },
      { text: "bang Timah", found: false },
    ]);
  });

  it("counts characters, not units of a string", () => {
    expect(pieces("𠮷田", [[1, 2]])).toEqual([
      { text: "𠮷", found: false },
      { text: "田", found: true },
    ]);
  });

  it("leaves a name whole in which nothing was found", () => {
    expect(pieces("Grasberg", [])).toEqual([{ text: "Grasberg", found: false }]);
  });
});

describe("destination", () => {
  it("goes on in the language that was chosen", () => {
    expect(destination("/statistics?indicator=exports", "id")).toBe("/statistics?indicator=exports&lang=id");
    expect(destination("/countries/IDN#trade", "id")).toBe("/countries/IDN?lang=id#trade");
  });

  it("leaves pages without languages and readers without a choice alone", () => {
    expect(destination("/id/icmm-1", "id")).toBe("/id/icmm-1");
    expect(destination("/countries/IDN", undefined)).toBe("/countries/IDN");
  });
});

describe("Suggestions", () => {
  it("asks for a text once", async () => {
    const fetched = vi.fn(async () => answer(["Grasberg"]));
    vi.stubGlobal("fetch", fetched);
    const suggestions = new Suggestions("/suggest");
    expect(await suggestions.of("gras")).toHaveLength(1);
    expect(await suggestions.of("gras")).toHaveLength(1);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched.mock.calls[0]).toEqual(["/suggest?q=gras&limit=8", expect.anything()]);
  });

  it("drops an answer that a later question overtook", async () => {
    const slow = vi.fn(
      (_: string, { signal }: RequestInit) =>
        new Promise<Response>((done, fail) => {
          signal?.addEventListener("abort", () => fail(new Error("aborted")));
          setTimeout(() => done(answer(["late"])), 20);
        }),
    );
    vi.stubGlobal("fetch", slow);
    const suggestions = new Suggestions("/suggest");
    const [first, second] = await Promise.all([suggestions.of("g"), suggestions.of("gr")]);
    expect(first).toBeNull();
    expect(second).toHaveLength(1);
  });

  it("has nothing to say when the server has not, and asks again the next time", async () => {
    const broken = vi.fn(async () => new Response("", { status: 503 }));
    vi.stubGlobal("fetch", broken);
    const suggestions = new Suggestions("/suggest");
    expect(await suggestions.of("gras")).toBeNull();
    expect(await suggestions.of("gras")).toBeNull();
    expect(broken).toHaveBeenCalledTimes(2);
  });
});
