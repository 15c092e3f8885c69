// Offers to make a chart interactive. The engine is large: it is fetched only when a reader asks for it.
const wide = matchMedia("(width >= 44rem)");

for (const plot of document.querySelectorAll<HTMLElement>("[data-chart]")) offer(plot);

function offer(plot: HTMLElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small no-print";
  button.textContent = plot.dataset["label"] ?? "";
  button.addEventListener("click", () => void show(plot, button));
  plot.after(button);
}

async function show(plot: HTMLElement, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  plot.setAttribute("aria-busy", "true");
  try {
    const { draw } = await import("./draw");
    await draw(plot, address(plot));
    button.remove();
  } catch (error) {
    console.error(error);
    button.textContent = plot.dataset["failed"] ?? "";
  } finally {
    plot.removeAttribute("aria-busy");
  }
}

function address(plot: HTMLElement): string {
  const given = (wide.matches ? plot.dataset["chart"] : plot.dataset["narrow"]) ?? "";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return dark ? `${given}&scheme=dark` : given;
}
