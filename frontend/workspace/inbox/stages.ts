// Where a submission can stand, in the order of its life.
import type { Tone } from "../../ui/Tag.svelte";

export const STAGES = ["draft", "submitted", "returned", "approved", "published", "rejected", "withdrawn"] as const;

const TONES: Readonly<Record<string, Tone>> = {
  submitted: "brand",
  returned: "warn",
  approved: "good",
  published: "good",
  rejected: "bad",
};
export const toneOf = (stage: string): Tone => TONES[stage] ?? "plain";
