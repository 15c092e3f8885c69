// The language of the map: that of its page, which also holds the words of the layers in it.
import { getContext, setContext } from "svelte";
import { en } from "./en";
import { id } from "./id";
import type { MessageKey } from ".";

const CATALOGUES: Readonly<Record<string, Readonly<Record<MessageKey, string>>>> = { en, id };
const CONTEXT = "language";

export class Language {
  readonly #messages: Readonly<Record<MessageKey, string>>;
  readonly #words: Readonly<Record<string, string>>;
  readonly #locale: string;
  readonly #numbers: Intl.NumberFormat;
  readonly #dates: Intl.DateTimeFormat;

  /** words: what is said for the English words of layers, styles and terms. */
  constructor(code: string, words: Readonly<Record<string, string>> = {}) {
    this.#messages = CATALOGUES[code] ?? en;
    this.#words = words;
    // Days as the site's other pages write them: 3 May 2026.
    this.#locale = code === "en" ? "en-GB" : code;
    this.#numbers = new Intl.NumberFormat(this.#locale, { maximumFractionDigits: 4 });
    this.#dates = new Intl.DateTimeFormat(this.#locale, { dateStyle: "long", timeZone: "UTC" });
  }

  /** A message, with the values that stand in it in braces. */
  t = (key: MessageKey, values: Record<string, string | number> = {}): string =>
    this.#messages[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

  /** A word of the published data in this language, itself where there is none. */
  word = (text: string): string => this.#words[text] ?? text;

  number = (value: number): string => this.#numbers.format(value);

  /** A number with so many digits behind the point or comma. */
  fixed = (value: number, places: number): string =>
    value.toLocaleString(this.#locale, { minimumFractionDigits: places, maximumFractionDigits: places });

  /** A day, from an ISO 8601 date or time; what is none stays as it is. */
  day(iso: string): string {
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? iso : this.#dates.format(date);
  }
}

/** The language of the page. */
export function languageOfPage(): Language {
  const words = document.getElementById("map-words")?.textContent;
  return new Language(document.documentElement.lang, words ? JSON.parse(words) : {});
}

/** Let the components below this one speak a language. */
export const provideLanguage = (language: Language): Language => setContext(CONTEXT, language);

/** The language a component speaks. */
export const useLanguage = (): Language => getContext<Language>(CONTEXT);
