// Draws a chart's specification in the page, without eval: expressions are interpreted.
import embed, { type VisualizationSpec } from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";

interface Answer {
  specification: VisualizationSpec;
  numbers: Record<string, unknown>;
}

export async function draw(plot: HTMLElement, address: string): Promise<void> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answers ${response.status}`);
  const { specification, numbers } = (await response.json()) as Answer;
  const place = document.createElement("div");
  // The picture is scaled to the width it has; what is drawn here is drawn for it.
  const width = plot.clientWidth;
  await embed(place, { ...specification, width } as VisualizationSpec, {
    actions: false,
    ast: true,
    expr: expressionInterpreter,
    renderer: "svg",
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    formatLocale: numbers,
  });
  plot.replaceChildren(place);
}
