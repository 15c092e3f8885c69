// Light or dark as the visitor chose. Loaded as a classic script ahead of the first paint, so it imports nothing.
{
  const key = "amdis-theme";
  const root = document.documentElement;

  const apply = (): void => {
    let choice: string | null = null;
    try {
      choice = localStorage.getItem(key);
    } catch {
      // Storage is switched off: the page follows the system.
    }
    if (choice === "light" || choice === "dark") root.dataset["theme"] = choice;
    else delete root.dataset["theme"];
  };

  apply();
  // Another tab, and the setting in the page itself, say so by an event.
  addEventListener("storage", apply);
  addEventListener("amdis-theme", apply);

  addEventListener("DOMContentLoaded", () => {
    for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-theme-choice]")) {
      select.closest<HTMLElement>("[hidden]")?.removeAttribute("hidden");
      select.value = root.dataset["theme"] ?? "system";
      select.addEventListener("change", () => {
        localStorage.setItem(key, select.value);
        apply();
      });
    }
  });
}
