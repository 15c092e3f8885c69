// Makes a chart interactive. The engine is large: it is fetched only when a reader asks for it.
const dark = matchMedia("(prefers-color-scheme: dark)");

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-explore]")) {
  button.addEventListener("click", () => void show(button));
}

async function show(button: HTMLButtonElement): Promise<void> {
  const plot = button.closest("figure")?.querySelector<HTMLElement>("[data-chart]");
  if (!plot) return;
  button.disabled = true;
  plot.setAttribute("aria-busy", "true");
  try {
    const { draw } = await import("./draw");
    await draw(plot, address(plot));
    button.remove();
  } catch (error) {
    console.error(error);
    button.textContent = button.dataset["failed"] ?? "";
  } finally {
    plot.removeAttribute("aria-busy");
  }
}

/** The specification of the picture that is shown now. */
function address(plot: HTMLElement): string {
  const sources = [...plot.querySelectorAll<HTMLSourceElement>("source")];
  const shown = sources.find((one) => matchMedia(one.media).matches) ?? plot.querySelector("img");
  const given = `${plot.dataset["chart"] ?? ""}&size=${shown?.dataset["size"] ?? "small"}`;
  return dark.matches ? `${given}&scheme=dark` : given;
}
