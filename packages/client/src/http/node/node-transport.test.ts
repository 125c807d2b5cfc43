import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import type { StreamBody, Transport, TransportResponse } from "../transport.js";
import { nodeTransport, type NodeTransportOptions } from "./node-transport.js";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

async function serve(handler: Handler): Promise<URL> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function transport(options: Partial<NodeTransportOptions> = {}): Transport {
  const found = nodeTransport({ connectTimeoutMs: 60_000, ...options });
  if (found === undefined) throw new Error("this platform has no node:http");
  return found;
}

const quiet = () => new AbortController().signal;
const textOf = ({ body }: TransportResponse) => new Response(body ?? null).text();

/** A body of zeros that records how far it was read and whether it was cancelled. */
function zeros(sizeBytes: number) {
  const state = { readBytes: 0, isCancelled: false, opened: 0 };
  const chunk = new Uint8Array(65_536);
  const open = () => {
    state.opened++;
    let left = sizeBytes;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        const taken = chunk.subarray(0, Math.min(left, chunk.byteLength));
        left -= taken.byteLength;
        state.readBytes += taken.byteLength;
        controller.enqueue(taken);
        if (left === 0) controller.close();
      },
      cancel: () => void (state.isCancelled = true),
    });
  };
  const body: StreamBody = { sizeBytes, open };
  return { body, state };
}

describe("nodeTransport", () => {
  describe("when a body is sent", () => {
    it("sends it whole with its length and not chunked", async () => {
      const url = await serve((request, response) => {
        let bytes = 0;
        request.on("data", (chunk: Buffer) => (bytes += chunk.length));
        request.on("end", () => response.end(JSON.stringify({ bytes, headers: request.headers })));
      });
      const sizeBytes = 5_000_000;
      const headers = { "content-length": String(sizeBytes) };
      const { body } = zeros(sizeBytes);
      const request = { method: "PUT", url, headers, body, signal: quiet() };
      const said = JSON.parse(await textOf(await transport()(request)));
      expect(said.bytes).toBe(sizeBytes);
      expect(said.headers["content-length"]).toBe(String(sizeBytes));
      expect(said.headers).not.toHaveProperty("transfer-encoding");
    });

    it("stops sending at a refusal and returns it", async () => {
      const url = await serve((request, response) => {
        request.once("data", () => {
          request.pause();
          response.writeHead(413).end("too large");
        });
      });
      const { body, state } = zeros(2 ** 40);
      const headers = { "content-length": String(2 ** 40) };
      const reply = await transport()({ method: "PUT", url, headers, body, signal: quiet() });
      expect([reply.status, await textOf(reply)]).toEqual([413, "too large"]);
      await expect.poll(() => state.isCancelled).toBe(true);
    });

    it("rejects with the error of the body", async () => {
      const url = await serve((request) => request.resume());
      const failure = new Error("disk");
      const open = () =>
        new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(failure) });
      const headers = { "content-length": "10" };
      const body = { sizeBytes: 10, open };
      const sent = transport()({ method: "PUT", url, headers, body, signal: quiet() });
      await expect(sent).rejects.toBe(failure);
    });
  });

  describe("when a reply is read", () => {
    it("returns status, headers and redirects as they are", async () => {
      const url = await serve((_, response) => {
        response.writeHead(303, { location: "http://elsewhere.example/", etag: '"a"' }).end();
      });
      const reply = await transport()({ method: "GET", url, headers: {}, signal: quiet() });
      expect(reply.status).toBe(303);
      expect(reply.headers.get("location")).toBe("http://elsewhere.example/");
      expect(await textOf(reply)).toBe("");
    });

    it("waits for a slow reader without holding the reply in memory", async () => {
      let sentBytes = 0;
      const url = await serve((_, response) => {
        const chunk = Buffer.alloc(1024 * 1024);
        const more = () => {
          let isTaken = true;
          while (isTaken && sentBytes < 256 * chunk.length) {
            sentBytes += chunk.length;
            isTaken = response.write(chunk);
          }
          if (isTaken) response.end();
          else response.once("drain", more);
        };
        more();
      });
      const reply = await transport()({ method: "GET", url, headers: {}, signal: quiet() });
      const reader = reply.body?.getReader();
      await reader?.read();
      // Whatever the kernel buffers, it is far from everything.
      let before = -1;
      await expect
        .poll(
          () => {
            const isStill = before === sentBytes;
            before = sentBytes;
            return isStill;
          },
          { interval: 50 },
        )
        .toBe(true);
      expect(sentBytes).toBeLessThan(128 * 1024 * 1024);
      await reader?.cancel();
    });

    it("fails when the connection ends before the reply does", async () => {
      const url = await serve((_, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("half", () => response.destroy());
      });
      const reply = await transport()({ method: "GET", url, headers: {}, signal: quiet() });
      await expect(textOf(reply)).rejects.toBeInstanceOf(Error);
    });
  });

  describe("when the connection is refused", () => {
    it("rejects with the system's error", async () => {
      const url = await serve(() => {});
      await new Promise<void>((resolve) => servers.pop()?.close(() => resolve()));
      const sent = transport()({ method: "GET", url, headers: {}, signal: quiet() });
      await expect(sent).rejects.toMatchObject({ code: "ECONNREFUSED" });
    });
  });

  describe("when an idle connection was closed by the other side", () => {
    it("sends again on a fresh one, the body from its start", async () => {
      let connections = 0;
      const url = await serve((request, response) => {
        const { socket } = request;
        if (request.method === "GET") response.end("kept");
        // The second request on a connection meets a reset, as if it had been closed while idle.
        else if (socket.listenerCount("sifshelf-seen") > 0) socket.resetAndDestroy();
        else request.resume().on("end", () => response.end("taken"));
      });
      servers[0]?.on("connection", (socket) => {
        if (++connections === 1) socket.on("sifshelf-seen", () => {});
      });
      const send = transport();
      await textOf(await send({ method: "GET", url, headers: {}, signal: quiet() }));
      await new Promise((resolve) => setImmediate(resolve));
      const { body, state } = zeros(100_000);
      const headers = { "content-length": "100000" };
      const reply = await send({ method: "PUT", url, headers, body, signal: quiet() });
      expect(await textOf(reply)).toBe("taken");
      expect([connections, state.opened]).toEqual([2, 2]);
    });

    it("rejects when a fresh connection is reset too", async () => {
      const url = await serve((request) => request.socket.resetAndDestroy());
      const sent = transport()({ method: "GET", url, headers: {}, signal: quiet() });
      await expect(sent).rejects.toMatchObject({ code: "ECONNRESET" });
    });
  });

  describe("when it is aborted", () => {
    it("uses no other connection of the same age after one that never replies", async () => {
      const old = new Set<unknown>();
      let isForgotten = false;
      const replies: ServerResponse[] = [];
      const url = await serve((request, response) => {
        if (isForgotten && old.has(request.socket)) return;
        old.add(request.socket);
        if (isForgotten) response.end();
        else replies.push(response);
        // Sent together, so that each has its own connection.
        if (replies.length === 3) for (const reply of replies) reply.end();
      });
      const send = transport();
      const ask = (signal: AbortSignal) => send({ method: "GET", url, headers: {}, signal });
      await Promise.all([1, 2, 3].map(async () => textOf(await ask(quiet()))));
      isForgotten = true;
      await expect(ask(AbortSignal.timeout(100))).rejects.toBeInstanceOf(Error);
      expect((await ask(AbortSignal.timeout(10_000))).status).toBe(200);
    });

    it("rejects with the reason before the reply, and ends the connection", async () => {
      let isClosed = false;
      const controller = new AbortController();
      const reason = new Error("stop");
      const url = await serve((request) => {
        request.socket.once("close", () => (isClosed = true));
        controller.abort(reason);
      });
      const { signal } = controller;
      await expect(transport()({ method: "GET", url, headers: {}, signal })).rejects.toBe(reason);
      await expect.poll(() => isClosed).toBe(true);
    });

    it("fails the body with the reason after it", async () => {
      const url = await serve((_, response) => void response.write("half"));
      const controller = new AbortController();
      const { signal } = controller;
      const reply = await transport()({ method: "GET", url, headers: {}, signal });
      const text = textOf(reply);
      controller.abort(new Error("stop"));
      await expect(text).rejects.toBeInstanceOf(Error);
    });
  });
});
