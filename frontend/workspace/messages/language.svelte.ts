// The language of the interface: that of the page, which is in the language of the profile once somebody is signed in,
// and before in the browser's.
import { en } from "./en";
import { id } from "./id";
import type { MessageKey } from ".";

const CATALOGUES: Readonly<Record<string, Readonly<Record<MessageKey, string>>>> = { en, id };
export const LANGUAGES = [
  { value: "en", label: "English" },
  { value: "id", label: "Bahasa Indonesia" },
];

const firstKnown = (codes: readonly string[]): string =>
  codes.map((code) => code.slice(0, 2).toLowerCase()).find((code) => code in CATALOGUES) ?? "en";

export class Language {
  /** That of the frame around the application, which the server made. */
  readonly served = firstKnown([document.documentElement.lang]);
  code = $state(this.served);
  #messages = $derived(CATALOGUES[this.code] ?? en);
  // Days as the site's other pages write them: 3 May 2026.
  #locale = $derived(this.code === "en" ? "en-GB" : this.code);
  #dates = $derived(new Intl.DateTimeFormat(this.#locale, { dateStyle: "medium" }));
  #times = $derived(new Intl.DateTimeFormat(this.#locale, { dateStyle: "medium", timeStyle: "short" }));
  #numbers = $derived(new Intl.NumberFormat(this.#locale));

  /** Whether the browser's own language is another one than that of the frame. */
  get isForeign(): boolean {
    return firstKnown(navigator.languages) !== this.served;
  }

  /** Speak a language from now on; one without a catalogue leaves things as they are. */
  use(code: string): void {
    if (code in CATALOGUES) this.code = code;
    document.documentElement.lang = this.code;
  }

  /** A message, with the values that stand in it in braces. */
  t = (key: MessageKey, values: Record<string, string | number> = {}): string =>
    this.#messages[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

  /** The title of a role; in the words of the server where there is no message of it. */
  role = (code: string, title = code): string => {
    const key = `role.${code}`;
    return key in en ? this.t(key as MessageKey) : title;
  };

  /** A day, from YYYY-MM-DD or a moment. */
  day = (given: string | null | undefined): string =>
    given ? this.#dates.format(new Date(given.length === 10 ? `${given}T00:00` : given)) : "–";

  moment = (given: string | null | undefined): string => (given ? this.#times.format(new Date(given)) : "–");

  number = (given: number): string => this.#numbers.format(given);
}
