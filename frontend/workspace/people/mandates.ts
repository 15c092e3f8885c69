// How a mandate is told.
import type { HeldMandateOut } from "../../api/types.gen";
import type { Tone } from "../../ui/Tag.svelte";

const DAY = 86_400_000;
/** Days before its end from which a mandate is told as ending soon. */
export const SOON = 60;

/** Whole days from today to a day given as YYYY-MM-DD. */
export const daysUntil = (day: string, now = new Date()): number =>
  Math.round((Date.parse(day) - Date.parse(isoDay(now))) / DAY);

/** The local day of a moment as YYYY-MM-DD. */
export const isoDay = (moment: Date): string => {
  const part = (value: number): string => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${part(moment.getMonth() + 1)}-${part(moment.getDate())}`;
};

/** The same day in so many years, as YYYY-MM-DD. */
export const inYears = (years: number, from = new Date()): string =>
  isoDay(new Date(from.getFullYear() + years, from.getMonth(), from.getDate()));

export type Standing = "running" | "soon" | "upcoming" | "ended";

export function standing(mandate: Pick<HeldMandateOut, "state" | "ends">, now = new Date()): Standing {
  if (mandate.state === "running" && daysUntil(mandate.ends, now) <= SOON) return "soon";
  return mandate.state;
}

export const TONES: Readonly<Record<Standing, Tone>> = {
  running: "good",
  soon: "warn",
  upcoming: "brand",
  ended: "plain",
};
