// The contrast of two colours by WCAG 2.2, and the colours of tokens.css by scheme.

export type Scheme = "light" | "dark";
export type Tokens = Record<Scheme, Record<string, string>>;

/** The colours of a style sheet's custom properties. A colour is #rrggbb or light-dark() of two such. */
export function colourTokens(css: string): Tokens {
  const found: Tokens = { light: {}, dark: {} };
  const pattern = /--([\w-]+):\s*(?:light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)|(#[0-9a-f]{6}));/g;
  for (const [, name = "", light, dark, both] of css.matchAll(pattern)) {
    found.light[name] = light ?? both ?? "";
    found.dark[name] = dark ?? both ?? "";
  }
  return found;
}

/** From 1 to 21. */
export function contrast(first: string, second: string): number {
  const [darker = 0, lighter = 0] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
