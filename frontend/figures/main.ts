// Makes a chart interactive. The engine is large: it is fetched only when a reader asks for it.
const wide = matchMedia("(width >= 44rem)");
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

function address(plot: HTMLElement): string {
  const given = (wide.matches ? plot.dataset["chart"] : plot.dataset["narrow"]) ?? "";
  return dark.matches ? `${given}&scheme=dark` : given;
}
