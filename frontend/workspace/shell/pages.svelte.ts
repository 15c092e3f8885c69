// Which page of a list that is read by cursor is seen, and how one came to it.

export class Pages {
  #before = $state.raw<(string | null)[]>([]);
  /** Where the page starts; null is the first. */
  cursor = $state<string | null>(null);

  reset(): void {
    this.#before = [];
    this.cursor = null;
  }

  /** What goes to the page before, or null on the first one. */
  back(load: () => Promise<void>): (() => void) | null {
    if (!this.#before.length) return null;
    return () => {
      this.cursor = this.#before.at(-1) ?? null;
      this.#before = this.#before.slice(0, -1);
      void load();
    };
  }

  /** What goes to the page that starts at a cursor, or null on the last one. */
  on(next: string | null | undefined, load: () => Promise<void>): (() => void) | null {
    if (!next) return null;
    return () => {
      this.#before = [...this.#before, this.cursor];
      this.cursor = next;
      void load();
    };
  }
}
