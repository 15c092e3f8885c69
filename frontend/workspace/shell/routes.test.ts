import { describe, expect, it } from "vitest";
import { match, returnTo } from "./routes";

describe("match", () => {
  it("finds a screen and what stands in its address", () => {
    expect(match("/workspace")?.place.screen).toBe("inbox");
    expect(match("/workspace/people/12")).toMatchObject({ place: { screen: "person" }, params: { person: "12" } });
    expect(match("/workspace/people/expiring")?.place.screen).toBe("expiring");
  });

  it("finds nothing elsewhere", () => {
    expect(match("/map")).toBeNull();
    expect(match("/workspaces")).toBeNull();
    expect(match("/workspace/people/1/2")).toBeNull();
  });
});

describe("returnTo", () => {
  it("goes back to the page that was asked for", () => {
    expect(returnTo("/workspace/audit?person=3")).toBe("/workspace/audit?person=3");
  });

  it.each([
    null,
    "",
    "https://evil.example/workspace",
    "//evil.example",
    "/workspace//evil.example/x",
    "/workspace\\..\\..//evil.example",
    "/workspace/../../evil",
    "/workspace@evil.example",
    "javascript:alert(1)",
    "/map",
    "/workspace/sign-in",
  ])("never leaves the workspace: %s", (asked) => {
    expect(returnTo(asked)).toBe("/workspace");
  });
});
