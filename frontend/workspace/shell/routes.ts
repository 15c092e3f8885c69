// Which screen stands at which address below /workspace.
import type { MessageKey } from "../messages";

export const BASE = "/workspace";

export type Section = "inbox" | "datasets" | "people" | "organisations" | "keys" | "sessions" | "audit" | "profile";

export interface Place {
  screen: string;
  title: MessageKey;
  /** The entry of the menu it belongs to. */
  section?: Section;
  /** Whether it is for people who are not signed in. */
  open?: boolean;
}

const place = (screen: string, title: MessageKey, section: Section): Place => ({ screen, title, section });
const open = (screen: string, title: MessageKey): Place => ({ screen, title, open: true });

export const ROUTES: Readonly<Record<string, Place>> = {
  "/": place("inbox", "inbox.title", "inbox"),
  "/datasets": place("datasets", "datasets.title", "datasets"),
  "/people": place("people", "people.title", "people"),
  "/people/expiring": place("expiring", "expiring.title", "people"),
  "/people/:person": place("person", "person.title", "people"),
  "/organisations": place("organisations", "organisations.title", "organisations"),
  "/keys": place("keys", "keys.title", "keys"),
  "/sessions": place("sessions", "sessions.title", "sessions"),
  "/audit": place("audit", "audit.title", "audit"),
  "/profile": place("profile", "profile.title", "profile"),
  "/sign-in": open("sign-in", "signIn.title"),
  "/sign-in/code": open("sign-in", "signIn.title"),
  "/enrol": open("sign-in", "enrol.title"),
  "/invitation": open("invitation", "invitation.title"),
  "/forgotten": open("forgotten", "forgotten.title"),
  "/reset": open("reset", "reset.title"),
};

export interface Match {
  place: Place;
  params: Record<string, string>;
}

/** The place at a path, or null. The first route that fits counts. */
export function match(path: string, routes: Readonly<Record<string, Place>> = ROUTES): Match | null {
  if (path !== BASE && !path.startsWith(`${BASE}/`)) return null;
  const parts = split(path.slice(BASE.length));
  for (const [pattern, found] of Object.entries(routes)) {
    const params = fit(split(pattern), parts);
    if (params) return { place: found, params };
  }
  return null;
}

const split = (path: string): string[] => path.split("/").filter(Boolean);

function fit(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (wanted.startsWith(":")) params[wanted.slice(1)] = decodeURIComponent(part);
    else if (wanted !== part) return null;
  }
  return params;
}

/** Where to go after signing in: a page of the workspace that was asked for, or its first page; never elsewhere. */
export function returnTo(asked: string | null): string {
  if (!asked?.startsWith(BASE)) return BASE;
  const url = new URL(asked, "http://localhost");
  const found = url.origin === "http://localhost" ? match(url.pathname) : null;
  return found && !found.place.open ? url.pathname + url.search : BASE;
}
