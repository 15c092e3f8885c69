// A form that is being filled in: what is wrong stands at its field, once.
import { tick } from "svelte";
import { Problem } from "../api/http";
import type { Workspace } from "./workspace.svelte";

export class Form {
  busy = $state(false);
  /** What is wrong by field. */
  errors = $state.raw<Readonly<Record<string, string>>>({});
  /** What is wrong with no field alone. */
  failure = $state("");
  reasons = $state.raw<readonly string[]>([]);

  constructor(
    private readonly place: Workspace,
    private readonly fields: readonly string[],
    private readonly send: () => Promise<void>,
  ) {}

  /** For a form's onsubmit: sends it, and shows what the server refuses. */
  submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const element = event.currentTarget as HTMLFormElement;
    if (this.busy) return;
    this.busy = true;
    this.errors = {};
    this.failure = "";
    this.reasons = [];
    try {
      await this.send();
    } catch (error) {
      this.#show(error);
      await tick();
      const wrong = element.querySelector<HTMLElement>("[aria-invalid='true'], .form-failure");
      wrong?.focus();
    } finally {
      this.busy = false;
    }
  };

  #show(error: unknown): void {
    const text = this.place.told(error);
    if (error instanceof Problem && this.fields.includes(error.parameter)) this.errors = { [error.parameter]: text };
    else this.failure = text;
    if (error instanceof Problem) this.reasons = error.reasons;
  }
}
