// Something read from the server for a screen: on its way, there, or not to be had.
import type { Workspace } from "./workspace.svelte";

export class Loaded<Data> {
  data = $state.raw<Data | null>(null);
  failure = $state("");
  busy = $state(false);
  #asked = 0;

  constructor(
    private readonly place: Workspace,
    private readonly read: () => Promise<Data>,
  ) {}

  /** Read it, again if it is there. Only the newest answer counts. */
  load = async (): Promise<void> => {
    const asked = ++this.#asked;
    this.busy = true;
    try {
      const data = await this.read();
      if (asked !== this.#asked) return;
      this.data = data;
      this.failure = "";
    } catch (error) {
      if (asked === this.#asked) this.failure = this.place.told(error);
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  };
}
