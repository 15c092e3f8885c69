import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Api, addressOf, operation, Problem } from "./http";

interface Thing {
  url: "/things/{id}";
  path: { id: number };
  query?: { q?: string };
}
interface Change {
  url: "/things";
  body: { name: string };
}
const read = operation<Thing, { 200: { name: string } }>("GET", "/things/{id}");
const change = operation<Change, { 204: void }>("POST", "/things");

let server: Server | undefined;
afterEach(() => server?.close());

async function apiBefore(listener: RequestListener): Promise<Api> {
  server = createServer(listener);
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return new Api(`http://127.0.0.1:${port}`, () => Promise.resolve());
}

const problem = (status: number, told: object): RequestListener => {
  return (_, response) => {
    response.writeHead(status, { "Content-Type": "application/problem+json", "Retry-After": "1" });
    response.end(JSON.stringify(told));
  };
};

it("fills the path and leaves out of the query what is empty", () => {
  const asked = { path: { id: "a/b" }, query: { q: "x y", role: "", page: null, at: undefined } };
  expect(addressOf("/things/{id}", asked)).toBe("/things/a%2Fb?q=x+y");
});

it("sends the token with what changes something, and not with what reads", async () => {
  const tokens: unknown[] = [];
  const api = await apiBefore((request, response) => {
    tokens.push(request.headers["x-csrf-token"]);
    response.writeHead(204).end();
  });
  api.csrf = "token";
  await api.call(read, { path: { id: 1 } });
  await api.call(change, { body: { name: "x" } });
  expect(tokens).toEqual([undefined, "token"]);
});

it("goes on with the token an answer tells", async () => {
  const tokens: unknown[] = [];
  const api = await apiBefore((request, response) => {
    tokens.push(request.headers["x-csrf-token"]);
    response.writeHead(200, { "Content-Type": "application/json" }).end('{"csrf": "second"}');
  });
  api.csrf = "first";
  await api.call(change, { body: { name: "x" } });
  await api.call(change, { body: { name: "x" } });
  expect(tokens).toEqual(["first", "second"]);
});

it("takes an empty answer that calls itself JSON", async () => {
  const api = await apiBefore((_, response) => {
    response.writeHead(204, { "Content-Type": "application/json" }).end();
  });
  expect(await api.call(change, { body: { name: "x" } })).toBeUndefined();
});

it("tells which field is wrong", async () => {
  const api = await apiBefore(problem(400, { detail: "Too short.", parameter: "password" }));
  const error = await api.call(change, { body: { name: "" } }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Problem);
  expect(error).toMatchObject({ status: 400, message: "Too short.", parameter: "password" });
});

it("tells the session's end with its reason", async () => {
  const api = await apiBefore(problem(401, { detail: "Your mandate has ended." }));
  const reasons: string[] = [];
  api.onended = (why) => reasons.push(why);
  await expect(api.call(read, { path: { id: 1 } })).rejects.toMatchObject({ status: 401 });
  expect(reasons).toEqual(["Your mandate has ended."]);
});

it("hears no more of what it has given up", async () => {
  let answer = (): void => {};
  const arrived = new Promise<void>((done) => {
    answer = done;
  });
  const api = await apiBefore((request, response) => {
    if (request.url === "/things/1") answer();
    else response.writeHead(200, { "Content-Type": "application/json" }).end('{"name": "x"}');
  });
  const reasons: string[] = [];
  api.onended = (why) => reasons.push(why);
  let settled = false;
  const given = api.call(read, { path: { id: 1 } }).finally(() => {
    settled = true;
  });
  await arrived;
  api.abandonReading();
  expect(await api.call(read, { path: { id: 2 } })).toEqual({ name: "x" });
  expect([settled, reasons]).toEqual([false, []]);
  void given;
  server?.closeAllConnections();
});

it("asks a busy server again, but never to change something", async () => {
  let asked = 0;
  const api = await apiBefore((request, response) => {
    asked += 1;
    if (asked === 1 || request.method === "POST") problem(503, { detail: "Busy." })(request, response);
    else response.writeHead(200, { "Content-Type": "application/json" }).end('{"name": "x"}');
  });
  expect(await api.call(read, { path: { id: 1 } })).toEqual({ name: "x" });
  expect(asked).toBe(2);
  await expect(api.call(change, { body: { name: "x" } })).rejects.toMatchObject({ status: 503 });
  expect(asked).toBe(3);
});

it("asks for a proof and sends the request once more", async () => {
  let proved = false;
  const api = await apiBefore((request, response) => {
    if (proved) response.writeHead(204).end();
    else problem(403, { type: "/problems/proof-needed", detail: "Prove it." })(request, response);
  });
  await expect(api.call(change, { body: { name: "x" } })).rejects.toMatchObject({ status: 403 });
  api.onproof = () => {
    proved = true;
    return Promise.resolve(true);
  };
  await api.call(change, { body: { name: "x" } });
});

it("says so when the server cannot be reached", async () => {
  const api = new Api("http://127.0.0.1:1");
  await expect(api.call(read, { path: { id: 1 } })).rejects.toMatchObject({ status: 0 });
});
