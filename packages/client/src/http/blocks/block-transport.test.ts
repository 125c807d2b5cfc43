import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import type { TransportResponse } from "../transport.js";
import { BLOCK_BYTES } from "./block-stream.js";
import { type BlockTransport, blockTransport } from "./block-transport.js";

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listening(server: Server): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query`);
}

/** A server that serves each request with the next of these scripts, and repeats the last one. */
async function scripted(...scripts: readonly ((socket: Socket) => void)[]) {
  const state = { connections: 0, requests: [] as string[] };
  const url = await listening(
    createServer((socket) => {
      state.connections += 1;
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
        if (!text.endsWith("\r\n\r\n")) return;
        state.requests.push(text);
        const script = scripts[Math.min(state.requests.length, scripts.length) - 1];
        text = "";
        script?.(socket);
      });
    }),
  );
  return { url, state };
}

const reply =
  (body: string | Uint8Array, ...headers: readonly string[]) =>
  (socket: Socket) => {
    const lines = ["HTTP/1.1 206 Partial Content", `Content-Length: ${body.length}`, ...headers];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    socket.write(body);
  };

function transport(ca?: readonly string[]): BlockTransport {
  const found = blockTransport({ connectTimeoutMs: 60_000, ca });
  if (found === undefined) throw new Error("this platform is not Node");
  return found;
}

function requestOf(url: URL, signal = new AbortController().signal) {
  const headers = { "user-agent": "test/1.0", range: "bytes=0-1" };
  return { method: "GET", url, headers, signal, inBlocks: true };
}

async function asked(send: BlockTransport, url: URL, signal?: AbortSignal) {
  const response = await send(requestOf(url, signal));
  if (response?.blocks === undefined) throw new Error("the reply was left to others");
  return { ...response, blocks: response.blocks };
}

type Asked = Awaited<ReturnType<typeof asked>>;

/** Drains a body. Looks at each block only while it belongs to us. */
async function drained({ blocks }: Asked, during: () => Promise<void> = async () => {}) {
  const hash = createHash("sha256");
  const sizes: number[] = [];
  await blocks.drain({
    waiting: () => {},
    async take(bytes) {
      await during();
      hash.update(bytes);
      sizes.push(bytes.byteLength);
    },
  });
  return { sha256: hash.digest("hex"), sizes, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const textOf = (response: TransportResponse | undefined) =>
  new Response(response?.body ?? null).text();

describe("blockTransport", () => {
  describe("when the body is drained in blocks", () => {
    it.each([0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 7 * BLOCK_BYTES + 12_345])(
      "gives all of %i bytes, in blocks of bounded size",
      async (length) => {
        const bytes = randomBytes(length);
        const { url } = await scripted(reply(bytes, "ETag: x"));
        const response = await asked(transport(), url);
        expect(response.status).toBe(206);
        expect(response.headers.get("etag")).toBe("x");
        const all = await drained(response);
        expect(all).toMatchObject({ bytes: length, sha256: sha256(bytes) });
        expect(Math.max(0, ...all.sizes)).toBeLessThanOrEqual(BLOCK_BYTES);
      },
    );

    it("overwrites no block before it is taken", async () => {
      const bytes = randomBytes(9 * BLOCK_BYTES);
      const { url } = await scripted(reply(bytes));
      const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
      const all = await drained(await asked(transport(), url), slow);
      expect(all.sha256).toBe(sha256(bytes));
    });

    it("reads no more than two blocks ahead of who takes them", async () => {
      const state = { written: 0 };
      const chunk = randomBytes(BLOCK_BYTES);
      const { url } = await scripted((socket) => {
        socket.write(`HTTP/1.1 206 X\r\nContent-Length: ${200 * BLOCK_BYTES}\r\n\r\n`);
        const more = () => {
          while (state.written < 200 && socket.write(chunk)) state.written += 1;
        };
        socket.on("drain", more);
        more();
      });
      const response = await asked(transport(), url);
      let taken = 0;
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const done = response.blocks.drain({
        waiting: () => {},
        take: async () => {
          taken += 1;
          await gate;
        },
      });
      await expect.poll(() => taken).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(taken).toBe(1);
      // What is not read here waits in the system's buffers.
      expect(state.written).toBeLessThan(200);
      release();
      await done;
      expect(taken).toBeGreaterThanOrEqual(200);
    });

    it("tells when it waits for the other side, and when it does not", async () => {
      const bytes = randomBytes(6 * BLOCK_BYTES);
      const { url } = await scripted(reply(bytes));
      const told: boolean[] = [];
      const { blocks } = await asked(transport(), url);
      const take = () => new Promise<void>((resolve) => setTimeout(resolve, 10));
      await blocks.drain({ take, waiting: (isWaiting) => void told.push(isWaiting) });
      expect(told[0]).toBe(true);
      expect(told).toContain(false);
      expect(told.at(-1)).toBe(false);
    });

    it("reads a reply that comes byte by byte", async () => {
      const { url } = await scripted((socket) => {
        const text = "HTTP/1.1 206 X\r\nContent-Length: 5\r\n\r\nhello";
        let at = 0;
        const next = () => {
          if (at < text.length) socket.write(text[at++] ?? "", () => setImmediate(next));
        };
        next();
      });
      expect(await drained(await asked(transport(), url))).toMatchObject({ bytes: 5 });
    });

    it("gives the body up when a block cannot be taken", async () => {
      const { url } = await scripted(reply(randomBytes(4 * BLOCK_BYTES)));
      const take = () => Promise.reject(new Error("disk full"));
      const { blocks } = await asked(transport(), url);
      await expect(blocks.drain({ take, waiting: () => {} })).rejects.toThrow("disk full");
    });
  });

  describe("when the body is read as a stream", () => {
    it("gives the same bytes", async () => {
      const bytes = randomBytes(3 * BLOCK_BYTES + 5);
      const { url } = await scripted(reply(bytes));
      const { body } = await asked(transport(), url);
      const all = new Uint8Array(await new Response(body).arrayBuffer());
      expect(sha256(all)).toBe(sha256(bytes));
    });

    it("ends the connection when it is cancelled", async () => {
      const ended = { isClosed: false };
      const { url } = await scripted((socket) => {
        socket.on("close", () => (ended.isClosed = true));
        reply(randomBytes(20 * BLOCK_BYTES))(socket);
      });
      const { body } = await asked(transport(), url);
      await body?.cancel();
      await expect.poll(() => ended.isClosed).toBe(true);
    });
  });

  describe("when a request follows another", () => {
    it("uses the connection again, and sends what it is told", async () => {
      const { url, state } = await scripted(reply("one"), reply("two"));
      const send = transport();
      expect(await textOf(await asked(send, url))).toBe("one");
      expect(await textOf(await asked(send, url))).toBe("two");
      expect(state.connections).toBe(1);
      expect(state.requests[1]).toBe(
        `GET /path?query HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\nuser-agent: test/1.0\r\nrange: bytes=0-1\r\n\r\n`,
      );
    });

    it.each([
      ["the other side says that it closes", reply("one", "Connection: close")],
      [
        "more came than the reply has",
        (socket: Socket) =>
          socket.write("HTTP/1.1 206 X\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 206"),
      ],
    ])("makes a new connection: %s", async (_, first) => {
      const { url, state } = await scripted(first, reply("two"));
      const send = transport();
      expect(await textOf(await asked(send, url))).toBe("one");
      expect(await textOf(await asked(send, url))).toBe("two");
      expect(state.connections).toBe(2);
    });

    it("asks again on a new connection when the old one was closed meanwhile", async () => {
      const { url, state } = await scripted(reply("one"), (socket) => socket.destroy(), reply("x"));
      const send = transport();
      expect(await textOf(await asked(send, url))).toBe("one");
      expect(await textOf(await asked(send, url))).toBe("x");
      expect(state.connections).toBe(2);
      expect(state.requests).toHaveLength(3);
    });

    it("does so once only", async () => {
      const { url, state } = await scripted(reply("one"), (socket) => socket.destroy());
      const send = transport();
      await textOf(await asked(send, url));
      await expect(asked(send, url)).rejects.toThrow(/connection ended|ECONNRESET/);
      expect(state.requests).toHaveLength(3);
    });

    it("keeps several connections when bodies are open side by side", async () => {
      const bodies = [1, 2, 3].map(() => randomBytes(3 * BLOCK_BYTES));
      let next = 0;
      const { url, state } = await scripted((socket) => reply(bodies[next++] ?? "")(socket));
      const send = transport();
      const responses = [await asked(send, url), await asked(send, url), await asked(send, url)];
      const all = await Promise.all(responses.map((response) => drained(response)));
      expect(all.map((each) => each.sha256)).toEqual(bodies.map(sha256));
      expect(state.connections).toBe(3);
    });
  });

  describe("when the connection breaks in the middle of a body", () => {
    it.each([
      ["an end", (socket: Socket) => socket.end()],
      ["a reset", (socket: Socket) => socket.resetAndDestroy()],
    ])("gives what came before, and rejects: %s", async (_, breakOff) => {
      const bytes = randomBytes(BLOCK_BYTES + 1_000);
      const { url } = await scripted((socket) => {
        socket.write(`HTTP/1.1 206 X\r\nContent-Length: ${4 * BLOCK_BYTES}\r\n\r\n`);
        socket.write(bytes, () => setTimeout(() => breakOff(socket), 50));
      });
      const { blocks } = await asked(transport(), url);
      const got: Buffer[] = [];
      const take = async (block: Uint8Array) => void got.push(Buffer.from(block));
      await expect(blocks.drain({ take, waiting: () => {} })).rejects.toThrow(
        /connection ended|ECONNRESET/,
      );
      expect(Buffer.compare(Buffer.concat(got), bytes)).toBe(0);
    });

    it("rejects who drains it only afterwards", async () => {
      const { url } = await scripted((socket) => {
        socket.write("HTTP/1.1 206 X\r\nContent-Length: 100\r\n\r\nabc");
        setTimeout(() => socket.destroy(), 20);
      });
      const response = await asked(transport(), url);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await expect(drained(response)).rejects.toThrow(/connection ended|ECONNRESET/);
    });
  });

  describe("when it is aborted", () => {
    it.each(["before the head", "in the body"])("rejects with the reason: %s", async (when) => {
      const abort = new AbortController();
      const { url } = await scripted((socket) => {
        if (when === "in the body") socket.write("HTTP/1.1 206 X\r\nContent-Length: 9\r\n\r\nabc");
        setTimeout(() => abort.abort(new Error("enough")), 30);
      });
      const all = asked(transport(), url, abort.signal).then((response) => drained(response));
      await expect(all).rejects.toThrow("enough");
    });
  });

  describe("when a connection that served before never replies", () => {
    it("gives those up that wait beside it", async () => {
      const silent = () => {};
      const { url, state } = await scripted(reply("one"), reply("two"), silent, reply("three"));
      const send = transport();
      const both = [await asked(send, url), await asked(send, url)];
      await Promise.all(both.map((each) => textOf(each)));
      expect(state.connections).toBe(2);
      const abort = new AbortController();
      const stuck = asked(send, url, abort.signal);
      await expect.poll(() => state.requests.length).toBe(3);
      abort.abort(new Error("too long"));
      await expect(stuck).rejects.toThrow("too long");
      expect(await textOf(await asked(send, url))).toBe("three");
      expect(state.connections).toBe(3);
    });
  });

  describe("when the reply is not plain", () => {
    it.each([
      ["chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
      ["of an older version", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"],
      ["longer than heads may be", `HTTP/1.1 206 X\r\nX: ${"y".repeat(20_000)}\r\n\r\n`],
    ])("leaves it to others: %s", async (_, text) => {
      const { url } = await scripted((socket) => socket.write(text));
      expect(await transport()(requestOf(url))).toBeUndefined();
    });
  });

  describe("when the server is reached over TLS", () => {
    const certificate = () => {
      const folder = mkdtempSync(join(tmpdir(), "sifshelf-tls-"));
      const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
      const names = ["-subj", "/CN=test", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
      const files = ["-nodes", "-days", "2", "-keyout", keyFile, "-out", certFile];
      execFileSync("openssl", [...request, ...names, ...files], { stdio: "ignore" });
      const made = { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8") };
      rmSync(folder, { recursive: true });
      return made;
    };

    it("gives all bytes if its certificate is trusted, and rejects if not", async () => {
      const { key, cert } = certificate();
      const bytes = randomBytes(5 * BLOCK_BYTES + 99);
      const server = createSecureServer({ key, cert }, (_, response) => {
        response.writeHead(206, { "content-length": bytes.length }).end(bytes);
      });
      const { port } = await listening(server);
      for (const host of ["localhost", "127.0.0.1"]) {
        const url = new URL(`https://${host}:${port}/path`);
        const send = transport([cert]);
        for (const slowMs of [0, 3]) {
          const slow = () => new Promise<void>((resolve) => setTimeout(resolve, slowMs));
          const all = await drained(await asked(send, url), slow);
          expect(all).toMatchObject({ sha256: sha256(bytes), bytes: bytes.length });
        }
        await expect(asked(transport(), url)).rejects.toMatchObject({
          code: "DEPTH_ZERO_SELF_SIGNED_CERT",
        });
      }
    });
  });

  describe("when nothing listens", () => {
    it("rejects", async () => {
      const url = await listening(createHttpServer());
      for (const close of closing.splice(0)) close();
      await expect(asked(transport(), url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    });
  });
});
