// Where the workspace stands, by the browser's history.
import { match } from "./routes";

export class Router {
  #url = $state.raw(new URL(location.href));

  path = $derived(this.#url.pathname);
  query = $derived(this.#url.searchParams);
  place = $derived(match(this.path));

  /** Follow the browser's back and forward, and the page's own links. Returns what ends it. */
  listen(): () => void {
    const onpopstate = (): void => this.#read();
    const onclick = (event: MouseEvent): void => this.#follow(event);
    addEventListener("popstate", onpopstate);
    document.addEventListener("click", onclick);
    return () => {
      removeEventListener("popstate", onpopstate);
      document.removeEventListener("click", onclick);
    };
  }

  go(address: string): void {
    history.pushState(null, "", address);
    this.#read();
    scrollTo(0, 0);
  }

  replace(address: string): void {
    history.replaceState(null, "", address);
    this.#read();
  }

  /** Keep in the address what a list is filtered by. */
  ask(query: Record<string, string>): void {
    const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
    this.replace(this.path + (search ? `?${search}` : ""));
  }

  #read(): void {
    this.#url = new URL(location.href);
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    // Another language is another page of the server's.
    if (!match(link.pathname) || link.hash || link.hreflang) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
