// Short messages that pass: what was done, with a way to take it back where there is one.

export interface Toast {
  id: number;
  text: string;
  action: { label: string; run: () => void } | null;
}

const SHOWN = 5_000;
const SHOWN_WITH_ACTION = 10_000;

/** The messages on a page, oldest first. */
export class Toasts {
  shown = $state<Toast[]>([]);
  #next = 0;

  /** Shows a message for some seconds. */
  say(text: string, action: Toast["action"] = null): void {
    const id = this.#next++;
    this.shown.push({ id, text, action });
    setTimeout(() => this.drop(id), action ? SHOWN_WITH_ACTION : SHOWN);
  }

  drop(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }
}
