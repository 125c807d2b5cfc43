import { once } from "node:events";
import { type RequestListener, type Server, createServer } from "node:http";
import { type AddressInfo, type Socket, connect } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { oneRequestAtATime } from "./one-request-at-a-time.js";

const CHUNK = 64 * 1024;
const MANY = 20_000;

let server: Server;
let clients: Socket[] = [];

afterEach(async () => {
  for (const client of clients) client.destroy();
  clients = [];
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

type Handler = (...call: Parameters<RequestListener>) => void | Promise<void>;

/** Serves; returns a way to connect. */
async function serve(handle: Handler, maxWaiting?: number): Promise<() => Socket> {
  server = createServer(oneRequestAtATime((...call) => void handle(...call), maxWaiting));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return () => {
    const client = connect(port, "127.0.0.1");
    client.on("error", () => {});
    clients.push(client);
    return client;
  };
}

const get = (path: string, padding = 0) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Padding: ${"x".repeat(padding)}\r\n\r\n`;

/** Collects what a client gets. */
function replies(client: Socket): { readonly text: () => string; readonly bodies: () => string[] } {
  let text = "";
  client.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  return {
    text: () => text,
    bodies: () => [...text.matchAll(/\r\n\r\n<([^>]*)>/g)].map(([, body = ""]) => body),
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("oneRequestAtATime", () => {
  it("handles pipelined requests one after the other, in their order", async () => {
    let running = 0;
    let most = 0;
    const open = await serve(async ({ url }, response) => {
      running += 1;
      most = Math.max(most, running);
      await pause(Math.random() * 5);
      response.on("close", () => (running -= 1)).end(`<${url}>`);
    });
    const client = open();
    const { bodies } = replies(client);
    const paths = [...Array(50).keys()].map((index) => `/${index}`);
    client.write(paths.map((path) => get(path)).join(""));
    await expect.poll(bodies, { timeout: 5000 }).toEqual(paths);
    expect(most).toBe(1);
  });

  it("handles requests of several connections at the same time", async () => {
    const waiting: (() => void)[] = [];
    const open = await serve((_, response) => {
      waiting.push(() => response.end("<done>"));
      if (waiting.length === 3) for (const finish of waiting) finish();
    });
    const all = [open(), open(), open()].map((client) => {
      client.write(get("/"));
      return replies(client);
    });
    await expect
      .poll(() => all.map(({ bodies }) => bodies()))
      .toEqual([["done"], ["done"], ["done"]]);
  });

  describe("when a client sends 20 000 requests in one write", () => {
    it("replies to all, and lets another client in between", async () => {
      let handled = 0;
      const open = await serve(({ url }, response) => {
        if (url === "/many") handled += 1;
        response.end(`<${handled}>`);
      });
      const flood = open();
      let ended = 0;
      flood.on(
        "data",
        (chunk: Buffer) => (ended += chunk.toString("latin1").split("<").length - 1),
      );
      flood.write(get("/many").repeat(MANY));
      await once(flood, "data");
      const other = open();
      const { bodies } = replies(other);
      const gaps: number[] = [];
      for (let index = 0; index < 20; index += 1) {
        const before = handled;
        other.write(get("/lookup"));
        await expect.poll(() => bodies().length, { interval: 0 }).toBe(index + 1);
        gaps.push(Number(bodies().at(-1)) - before);
      }
      expect(handled).toBeLessThan(MANY);
      // It waits for a few of the others at most, though thousands are queued.
      expect(gaps.toSorted((a, b) => a - b)[10]).toBeLessThan(100);
      await expect.poll(() => ended, { timeout: 30_000 }).toBe(MANY);
    });

    it("drops what is queued when the client leaves", async () => {
      let handled = 0;
      const open = await serve((_, response) => {
        handled += 1;
        response.end("<done>");
      });
      const flood = open();
      flood.write(get("/").repeat(MANY));
      await once(flood, "data");
      flood.destroy();
      await pause(300);
      const handledThen = handled;
      await pause(300);
      expect(handled).toBe(handledThen);
      expect(handled).toBeLessThan(CHUNK / get("/").length + 100);
    });
  });

  describe("when requests wait", () => {
    it.each([
      ["a plain request", get("/")],
      ["a request whose body is read slowly", post(3 * CHUNK)],
      ["a request whose body is not read yet", post(CHUNK / 2)],
    ])("does not read on behind %s", async (_, first) => {
      let release = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      const paths: string[] = [];
      const open = await serve(async (request, response) => {
        paths.push(request.url ?? "");
        if (request.headers["content-length"] === String(CHUNK / 2)) await released;
        for await (const chunk of request) await pause((chunk as Buffer).length / CHUNK);
        await released;
        response.end("<done>");
      });
      const accepted = once(server, "connection") as Promise<[Socket]>;
      const client = open();
      const { bodies } = replies(client);
      const requests = 400;
      client.write(first + get("/more", 8000).repeat(requests));
      const [socket] = await accepted;
      await pause(300);
      expect(socket.bytesRead).toBeLessThanOrEqual(first.length + 2 * CHUNK);
      expect(paths).toHaveLength(1);
      release();
      await expect.poll(() => bodies().length, { timeout: 5000 }).toBe(requests + 1);
    });

    it("reads the body of the last of them in its turn", async () => {
      const open = await serve(async (request, response) => {
        let length = 0;
        for await (const chunk of request) length += (chunk as Buffer).length;
        await pause(20);
        response.end(`<${length}>`);
      });
      const client = open();
      const { bodies } = replies(client);
      client.write(get("/") + get("/") + post(10 * CHUNK) + get("/"));
      await expect.poll(bodies, { timeout: 5000 }).toEqual(["0", "0", String(10 * CHUNK), "0"]);
    });

    it("closes a connection that would have too many of all connections wait", async () => {
      const open = await serve(() => {}, 10);
      const modest = open();
      modest.write(get("/").repeat(6));
      await pause(50);
      const greedy = open();
      greedy.write(get("/").repeat(7));
      await once(greedy, "close");
      expect(modest.closed).toBe(false);
      // What the closed one had waiting is free again.
      const next = open();
      next.write(get("/").repeat(5));
      await pause(50);
      expect(next.closed).toBe(false);
    });
  });
});

function post(bytes: number): string {
  return `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n${"x".repeat(bytes)}`;
}
