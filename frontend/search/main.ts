// The search field in the masthead: what suggests while one types is fetched once somebody comes to the field.
const field = document.querySelector<HTMLInputElement>('.find[role="search"] input[type="search"]');

if (field) {
  const begin = (): void => void import("./combobox").then(({ Combobox }) => new Combobox(field));
  if (document.activeElement === field) begin();
  else field.addEventListener("focus", begin, { once: true });
}
