// The one way to the API: it sends the CSRF token, tells problems as errors, and asks again while the server is busy.

/** An operation of the API as the generated types describe it. */
interface Described {
  url: string;
  body?: unknown;
  path?: unknown;
  query?: unknown;
}
type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

export interface Operation<Data extends Described, Responses> {
  method: Method;
  url: Data["url"];
  /** Never there: it carries the type of the answer. */
  answers?: Responses;
}

/** Describes an operation; its address must be the one of the generated types. */
export const operation = <Data extends Described, Responses>(
  method: Method,
  url: Data["url"],
): Operation<Data, Responses> => ({ method, url });

type Asked<Data extends Described> = Omit<Data, "url">;
// Where nothing has to be given, the argument may be left out.
type Arguments<Data extends Described> = object extends Asked<Data> ? [asked?: Asked<Data>] : [asked: Asked<Data>];

/** What the server says is wrong, after RFC 9457. */
export class Problem extends Error {
  override name = "Problem";

  constructor(
    readonly status: number,
    detail: string,
    /** The field that is wrong, as the API calls it; empty if it is none alone. */
    readonly parameter = "",
    readonly reasons: readonly string[] = [],
    readonly type = "about:blank",
  ) {
    super(detail);
  }
}

const TRIES = 3;
const LONGEST_WAIT = 4_000;

export class Api {
  /** The token of the session, to be sent with whatever changes something. */
  csrf = "";
  /** Told when a request is refused because nobody is signed in, with the reason. */
  onended: (why: string) => void = () => {};
  /** Asks the person to prove again who they are; whether they did. */
  onproof: () => Promise<boolean> = () => Promise.resolve(false);
  #reading = new AbortController();

  constructor(
    private readonly base = "",
    private readonly wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms)),
  ) {}

  /**
   * Sends a request. Throws Problem where the server refuses, or cannot be reached (status 0); never settles when it was
   * abandoned.
   */
  async call<Data extends Described, Responses>(
    operation: Operation<Data, Responses>,
    ...asked: Arguments<Data>
  ): Promise<Responses[keyof Responses]> {
    const { signal } = this.#reading;
    try {
      return await this.#call(signal, operation, ...asked);
    } catch (error) {
      if (operation.method === "GET" && signal.aborted) return new Promise(() => {});
      throw error;
    }
  }

  /** Give up what is being read: its answers would be those of a session that is about to end. */
  abandonReading(): void {
    this.#reading.abort();
    this.#reading = new AbortController();
  }

  async #call<Data extends Described, Responses>(
    signal: AbortSignal,
    { method, url }: Operation<Data, Responses>,
    ...[asked]: Arguments<Data>
  ): Promise<Responses[keyof Responses]> {
    const address = this.base + addressOf(url, (asked ?? {}) as Described);
    const send = (): Promise<Response> => this.#send(signal, method, address, (asked as Described | undefined)?.body);
    let response = await send();
    if (response.status === 403 && (await isProofNeeded(response)) && (await this.onproof())) response = await send();
    if (!response.ok) throw await this.#problem(response);
    const text = await response.text();
    const answer: unknown = text ? JSON.parse(text) : undefined;
    this.#takeToken(answer);
    return answer as Responses[keyof Responses];
  }

  /** The session's token changes with what was proved; the answer tells the one that goes with it. */
  #takeToken(answer: unknown): void {
    if (answer && typeof answer === "object" && "csrf" in answer) this.csrf = String(answer.csrf);
  }

  async #send(signal: AbortSignal, method: Method, address: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    for (let attempt = 1; ; attempt++) {
      if (method !== "GET" && this.csrf) headers["X-CSRF-Token"] = this.csrf;
      const response = await this.#fetch(address, {
        method,
        headers,
        credentials: "same-origin",
        ...(method === "GET" && { signal }),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      // Only what changes nothing is sent again: the first time may have worked.
      if (response.status !== 503 || method !== "GET" || attempt === TRIES) return response;
      const seconds = Number(response.headers.get("retry-after")) || 1;
      await this.wait(Math.min(seconds * 1_000, LONGEST_WAIT));
    }
  }

  async #fetch(address: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(address, init);
    } catch {
      throw new Problem(0, "");
    }
  }

  async #problem(response: Response): Promise<Problem> {
    const problem = await readProblem(response);
    if (problem.status === 401) this.onended(problem.message);
    return problem;
  }
}

const PROOF_NEEDED = "proof-needed";

async function isProofNeeded(response: Response): Promise<boolean> {
  return (await readProblem(response.clone())).type.endsWith(PROOF_NEEDED);
}

async function readProblem(response: Response): Promise<Problem> {
  const told = (await response.json().catch(() => ({}))) as {
    type?: string;
    detail?: string;
    parameter?: string;
    reasons?: string[];
  };
  return new Problem(response.status, told.detail ?? response.statusText, told.parameter, told.reasons, told.type);
}

/** An operation's address with its path and query filled in; what is empty is left out of the query. */
export function addressOf(url: string, { path, query }: Pick<Described, "path" | "query">): string {
  const filled = url.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((path as Record<string, unknown>)[name])),
  );
  const given = Object.entries((query ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search ? `${filled}?${search}` : filled;
}
