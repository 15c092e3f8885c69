// A search field with a list of suggestions, by the combobox pattern of the ARIA Authoring Practices Guide.
import { destination, pieces, type Suggestion, Suggestions } from "./suggestions";

const WAIT = 120; // milliseconds without a key until suggestions are asked for

export class Combobox {
  private readonly list = document.createElement("ul");
  private readonly status: HTMLElement;
  private readonly kinds: Record<string, string>;
  private readonly language: string | undefined;
  private readonly suggestions: Suggestions;
  private shown: Suggestion[] = [];
  private active = -1;
  private waiting = 0;

  constructor(private readonly field: HTMLInputElement) {
    const words = field.form?.querySelector<HTMLElement>("[data-suggestions]");
    if (!words) throw new Error("The form of the search field has no place for suggestions");
    this.suggestions = new Suggestions(words.dataset["suggestions"] ?? "");
    this.kinds = JSON.parse(words.dataset["kinds"] ?? "{}") as Record<string, string>;
    this.language = field.form?.querySelector<HTMLInputElement>('input[name="lang"]')?.value;
    this.status = words;
    this.list.id = "suggestions";
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", words.dataset["title"] ?? "");
    this.list.hidden = true;
    words.before(this.list);
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id, "aria-expanded": "false" };
    for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
    field.autocomplete = "off";
    field.addEventListener("input", () => this.typed());
    field.addEventListener("keydown", (event) => this.pressed(event));
    field.addEventListener("blur", () => this.close());
    // Before the field loses the focus, which would close the list.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.clicked(event));
    if (field.value.trim()) this.typed();
  }

  private typed(): void {
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.ask(), WAIT);
  }

  private async ask(): Promise<void> {
    const text = this.field.value.trim();
    if (!text) return this.close();
    const found = await this.suggestions.of(text);
    if (found && this.field.value.trim() === text && document.activeElement === this.field) this.show(found);
  }

  private show(found: Suggestion[]): void {
    this.shown = found;
    this.list.replaceChildren(...found.map((one, place) => this.option(one, place)));
    this.list.hidden = found.length === 0;
    this.field.setAttribute("aria-expanded", String(found.length > 0));
    this.activate(-1);
    const { none = "", found: told = "" } = this.status.dataset;
    this.status.textContent = found.length ? told.replace("#", String(found.length)) : none;
  }

  private option(one: Suggestion, place: number): HTMLLIElement {
    const name = element("span", "name");
    name.dir = "auto";
    if (one.language) name.lang = one.language;
    for (const piece of pieces(one.name, one.highlights)) {
      name.append(piece.found ? element("mark", "", piece.text) : piece.text);
    }
    const title = one.name === one.title ? "" : one.title;
    const told = [title, this.kinds[one.kind] ?? one.kind, one.detail].filter(Boolean).join(" · ");
    const option = element("li");
    option.id = `suggestion-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.append(name, " ", element("span", "detail", told));
    return option;
  }

  private pressed(event: KeyboardEvent): void {
    // Keys that choose letters of an input method are not for the list.
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) this.step(event.key === "ArrowDown" ? 1 : -1);
      else void this.ask();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.follow(this.active);
    }
  }

  /** To the next option; past either end back to the field itself, from there to the other end. */
  private step(by: number): void {
    const places = this.shown.length + 1;
    this.activate(((this.active + 1 + by + places) % places) - 1);
  }

  private activate(place: number): void {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = place;
    const option = this.list.children[place];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  private clicked(event: MouseEvent): void {
    const option = event.target instanceof Element ? event.target.closest('[role="option"]') : null;
    if (option) this.follow([...this.list.children].indexOf(option));
  }

  private follow(place: number): void {
    const chosen = this.shown[place];
    if (chosen) location.assign(destination(chosen.href, this.language));
  }

  private close(): void {
    window.clearTimeout(this.waiting);
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.activate(-1);
    this.status.textContent = "";
  }
}

function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, name = "", text = ""): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
