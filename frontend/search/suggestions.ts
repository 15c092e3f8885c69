// What the search suggests, asked once for each text; an answer that was overtaken is dropped.

/** One thing found: the name that fits, with the places (start, end, in characters) of what was typed. */
export interface Suggestion {
  kind: string;
  title: string;
  name: string;
  language: string;
  detail: string;
  href: string;
  highlights: [number, number][];
}

export interface Piece {
  text: string;
  found: boolean;
}

const MOST = 8;
const KEPT = 100;

export class Suggestions {
  private readonly kept = new Map<string, Suggestion[]>();
  private asking: AbortController | null = null;

  constructor(private readonly address: string) {}

  /** The suggestions for a text; null when another text was asked for meanwhile, or there was no answer. */
  async of(text: string): Promise<Suggestion[] | null> {
    this.asking?.abort();
    const known = this.kept.get(text);
    if (known) return known;
    this.asking = new AbortController();
    try {
      const query = new URLSearchParams({ q: text, limit: String(MOST) });
      const answer = await fetch(`${this.address}?${query}`, { signal: this.asking.signal });
      if (!answer.ok) return null;
      const { suggestions } = (await answer.json()) as { suggestions: Suggestion[] };
      if (this.kept.size >= KEPT) this.kept.clear();
      this.kept.set(text, suggestions);
      return suggestions;
    } catch {
      return null;
    }
  }
}

/** A name cut into what was typed and what was not. Places count characters, of which some are two units of a string. */
export function pieces(name: string, highlights: [number, number][]): Piece[] {
  const letters = [...name];
  const cut: Piece[] = [];
  let end = 0;
  for (const [first, last] of highlights) {
    cut.push({ text: letters.slice(end, first).join(""), found: false });
    cut.push({ text: letters.slice(first, last).join(""), found: true });
    end = last;
  }
  cut.push({ text: letters.slice(end).join(""), found: false });
  return cut.filter((piece) => piece.text !== "");
}

/** Where a suggestion leads, in the language that the reader chose, if any: pages of data have no language. */
export function destination(href: string, language: string | undefined): string {
  if (!language || href.startsWith("/id/") || href.startsWith("/datasets/")) return href;
  const [address = href, fragment] = href.split("#", 2);
  const mark = address.includes("?") ? "&" : "?";
  return `${address}${mark}lang=${encodeURIComponent(language)}${fragment ? `#${fragment}` : ""}`;
}
