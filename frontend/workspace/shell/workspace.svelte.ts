// What the screens of the workspace share, handed down as a context.
import { getContext, setContext } from "svelte";
import { Toasts } from "../../ui/toasts.svelte";
import type { Option } from "../../ui/SelectField.svelte";
import { Api, Problem } from "../api/http";
import * as operations from "../api/operations";
import { Language } from "../messages/language.svelte";
import { Router } from "./router.svelte";
import { Session } from "./session.svelte";

export class Workspace {
  readonly api = new Api();
  readonly router = new Router();
  readonly toasts = new Toasts();
  readonly session = new Session(this.api);
  readonly language = new Language();
  /** The region's member states by name, and its layers by title. */
  countries = $state.raw<Option[]>([]);
  layers = $state.raw<Option[]>([]);
  region = $state("");
  #names = $derived(new Map(this.countries.map(({ value, label }) => [value, label])));

  /** Learn who is signed in, and the names of the region. */
  async open(): Promise<void> {
    const [catalogue] = await Promise.all([this.api.call(operations.layers), this.session.refresh()]);
    this.region = catalogue.region.title;
    this.countries = catalogue.region.members.map((member) => ({ value: member.country, label: member.name }));
    this.layers = catalogue.layers.map((layer) => ({ value: layer.id, label: layer.title }));
  }

  /** What to tell a person of an error. */
  told = (error: unknown): string => {
    if (!(error instanceof Problem)) return error instanceof Error ? error.message : String(error);
    return error.status === 0 ? this.language.t("error.offline") : error.message;
  };

  /** Does something, and says so, or why it did not work. Whether it did. */
  async act(work: () => Promise<unknown>, done = ""): Promise<boolean> {
    try {
      await work();
    } catch (error) {
      this.toasts.say(this.told(error));
      return false;
    }
    if (done) this.toasts.say(done);
    return true;
  }

  /** A member state's name; that of the region for none. */
  countryName = (code: string | null | undefined): string =>
    code ? (this.#names.get(code) ?? code) : this.region;
}

const KEY = Symbol("workspace");
export const provide = (workspace: Workspace): Workspace => setContext(KEY, workspace);
export const workspace = (): Workspace => getContext(KEY);
