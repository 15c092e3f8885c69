import type { en } from "./en";

/** The name of a message of the workspace's interface. */
export type MessageKey = keyof typeof en;
