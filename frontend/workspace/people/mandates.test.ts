import { expect, it } from "vitest";
import { daysUntil, inYears, isoDay, standing } from "./mandates";

const NOW = new Date(2026, 10, 25, 23, 30);

it("counts days by the calendar, not by hours", () => {
  expect(isoDay(NOW)).toBe("2026-11-25");
  expect(daysUntil("2026-11-25", NOW)).toBe(0);
  expect(daysUntil("2026-12-01", NOW)).toBe(6);
  expect(daysUntil("2026-11-24", NOW)).toBe(-1);
});

it("tells a mandate that ends soon from one that runs on", () => {
  expect(standing({ state: "running", ends: "2026-12-31" }, NOW)).toBe("soon");
  expect(standing({ state: "running", ends: "2028-12-31" }, NOW)).toBe("running");
  expect(standing({ state: "ended", ends: "2026-12-31" }, NOW)).toBe("ended");
});

it("proposes the same day of a later year", () => {
  expect(inYears(2, NOW)).toBe("2028-11-25");
});
