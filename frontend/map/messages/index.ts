import type { en } from "./en";

/** The name of a message of the map. */
export type MessageKey = keyof typeof en;
