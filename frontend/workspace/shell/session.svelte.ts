// Who is signed in, under which mandate, and what they may do.
import type { Action, Kind, MandateOut, MeOut, RightOut } from "../../api/types.gen";
import { chooseTheme, currentTheme } from "../account/theme";
import type { Api } from "../api/http";
import * as operations from "../api/operations";

export class Session {
  me = $state.raw<MeOut | null>(null);
  /** Why the last session ended, until somebody signs in. */
  why = $state("");
  unread = $state(0);

  isSignedIn = $derived(this.me?.signedIn ?? false);
  /** Whether a second factor has to be set up before anything else. */
  isLimited = $derived(this.me?.limited ?? false);
  mandate: MandateOut | null = $derived(this.me?.mandate ?? null);

  constructor(private readonly api: Api) {}

  /** Ask the server who is signed in. */
  async refresh(): Promise<void> {
    this.#take(await this.api.call(operations.me));
  }

  async switchTo(mandate: number): Promise<void> {
    this.#take(await this.api.call(operations.switchMandate, { body: { mandate } }));
  }

  async signOut(): Promise<void> {
    // Signing out clears what the site keeps in the browser; the colours are the visitor's, not the session's.
    const theme = currentTheme();
    this.api.abandonReading();
    await this.api.call(operations.signOut);
    chooseTheme(theme);
    this.end("");
    await this.refresh();
  }

  /** Forget who was signed in. */
  end(why: string): void {
    this.me = { signedIn: false, sso: this.me?.sso ?? null };
    this.why = why;
    this.api.csrf = "";
  }

  /** Whether the acting role has a right to do something to any thing of a kind. */
  may(kind: Kind, action: Action): boolean {
    return this.#rights(kind, action).length > 0;
  }

  /** Whether a right reaches beyond one's own things. */
  mayForOthers(kind: Kind, action: Action): boolean {
    return this.#rights(kind, action).some((right) => right.reach !== "own");
  }

  /** Whether a right reaches the things of every member state. */
  mayForRegion(kind: Kind, action: Action): boolean {
    return this.#rights(kind, action).some((right) => right.reach === "region");
  }

  /** Whether a right covers somebody else's thing of a state, such as what a mandate entrusts, and a country. */
  covers(kind: Kind, action: Action, state: string, country: string | null): boolean {
    const mine = this.mandate?.country;
    return this.#rights(kind, action).some(
      (right) =>
        (!right.states || right.states.includes(state)) &&
        (right.reach === "region" || (right.reach === "state" && !!mine && country === mine)),
    );
  }

  #rights(kind: Kind, action: Action): RightOut[] {
    return this.me?.may?.filter((right) => right.kind === kind && right.action === action) ?? [];
  }

  #take(me: MeOut): void {
    this.me = me;
    this.unread = me.unread ?? 0;
    if (me.signedIn) this.why = "";
    else if (me.why) this.why = me.why;
  }
}
