// Lists the operations of the OpenAPI document the page links to: path, purpose, parameters, answers.

interface Parameter {
  name?: string;
  in?: string;
  description?: string;
  required?: boolean;
  $ref?: string;
}

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  responses?: Record<string, { description?: string; $ref?: string }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components?: { parameters?: Record<string, Parameter> };
}

/** What is said besides the document's own words, in the language of the page. */
interface Words {
  parameters: string;
  answers: string;
  required: string;
  failed: string;
}

const METHODS = ["get", "post", "put", "patch", "delete"];

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text: string,
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const resolved = (parameter: Parameter, all: Document): Parameter =>
  parameter.$ref ? (all.components?.parameters?.[parameter.$ref.split("/").pop() ?? ""] ?? {}) : parameter;

function parameterList(parameters: Parameter[], words: Words): HTMLElement {
  const list = element("dl", "");
  for (const one of parameters) {
    const term = element("dt", "");
    term.append(element("code", one.name ?? "?"), one.required ? ` (${words.required})` : "");
    list.append(term, element("dd", one.description ?? "", { class: "muted" }));
  }
  return list;
}

function operationBlock(path: string, method: string, operation: Operation, all: Document, words: Words): HTMLElement {
  const block = element("details", "", { class: "operation" });
  const summary = element("summary", "");
  summary.append(
    element("span", method.toUpperCase(), { class: "method" }),
    " ",
    element("code", path),
    " ",
    element("span", operation.summary ?? "", { class: "muted" }),
  );
  block.append(summary, element("p", operation.description ?? ""));
  const parameters = (operation.parameters ?? []).map((one) => resolved(one, all));
  if (parameters.length) block.append(element("h3", words.parameters), parameterList(parameters, words));
  const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) =>
    answer.description ? `${status} ${answer.description}` : status,
  );
  if (answers.length) block.append(element("h3", words.answers), element("p", answers.join(" · ")));
  return block;
}

async function list(target: HTMLElement, address: string, words: Words): Promise<void> {
  const response = await fetch(address, {
    headers: { Accept: "application/json" },
  });
  if (!response.ok) throw new Error(`${response.status}`);
  const all = (await response.json()) as Document;
  const blocks = Object.entries(all.paths).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      return operation ? [operationBlock(path, method, operation, all, words)] : [];
    }),
  );
  target.replaceChildren(...blocks);
}

const target = document.getElementById("operations");
const description = document.querySelector<HTMLLinkElement>('link[rel="service-desc"]');
if (target && description) {
  const words = JSON.parse(target.dataset["words"] ?? "{}") as Words;
  list(target, new URL(description.href).pathname + new URL(description.href).search, words).catch(() => {
    target.replaceChildren(element("p", words.failed, { class: "notice bad" }));
  });
}
