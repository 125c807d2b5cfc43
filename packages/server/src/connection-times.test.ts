import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect } from "node:net";

import { routePath } from "@sifshelf/protocol";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type AppDeps, buildApp } from "./build-app.js";
import {
  type TestLibrary,
  bodyOf,
  createTestLibrary,
} from "./library/uploads/fixtures.contract.js";
import { receiveV1Upload } from "./library/uploads/receive-v1-upload.js";
import { createLogger } from "./logger.js";

const MIB = 1 << 20;

let site: TestLibrary;
let app: FastifyInstance | undefined;

beforeEach(async () => {
  app = undefined;
  site = await createTestLibrary({ settings: { requireSif: false, downloads: "stream" } });
});

afterEach(async () => {
  app?.server.closeAllConnections();
  await app?.close();
  await site.close();
});

function build(deps: Partial<AppDeps> = {}): FastifyInstance {
  const logger = createLogger({ level: "silent" });
  app = buildApp({ library: site.library, logger, version: "1", ...deps });
  return app;
}

async function open(
  deps: Partial<AppDeps>,
  prepare: (built: FastifyInstance) => void = () => {},
): Promise<Socket> {
  const built = build(deps);
  prepare(built);
  await built.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect((built.server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Stores an image that anyone may pull. Returns the head of a request for it, without its end. */
async function uploaded(bytes: Uint8Array): Promise<string> {
  const image = await site.imageOf(bytes);
  await receiveV1Upload(site.library, site.alice, image, bodyOf(bytes));
  const path = routePath("downloadImage", { ref: `alice/images/first:${image.hash}` });
  return `GET /${path} HTTP/1.1\r\nHost: localhost\r\n`;
}

describe("buildApp", () => {
  it("limits how long a head takes, and no request as a whole", () => {
    const { server } = build();
    const { requestTimeout, headersTimeout, timeout } = server;
    expect({ requestTimeout, headersTimeout, timeout }).toEqual({
      requestTimeout: 0,
      headersTimeout: 30_000,
      timeout: 0,
    });
    // Most proxies keep idle connections for up to 60 s, and must be the first to close them.
    expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
  });

  describe("when a head comes byte by byte", () => {
    it("answers request-timeout and closes, however lively the sender is", async () => {
      const socket = await open({ headersTimeoutMs: 300 });
      socket.write("GET /version HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
      const drip = setInterval(() => socket.write("x"), 20);
      const reply = (await readAll(socket)).toString();
      clearInterval(drip);
      expect(reply).toMatch(/^HTTP\/1\.1 408 /);
      expect(reply).toContain('"reason":"request-timeout"');
    });
  });

  describe("when a body takes many times what a head may", () => {
    it("takes it to its end", async () => {
      const bytes = randomBytes(40 * 1024);
      const socket = await open({ headersTimeoutMs: 100 }, (built) =>
        built.route({
          method: "POST",
          url: "/slow",
          handler: async (request) => {
            let received = 0;
            for await (const chunk of request.raw) received += (chunk as Buffer).length;
            return { received };
          },
        }),
      );
      socket.write(`POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n`);
      socket.write("Connection: close\r\n\r\n");
      for (let at = 0; at < bytes.length; at += 1024) {
        await pause(20);
        socket.write(bytes.subarray(at, at + 1024));
      }
      expect((await readAll(socket)).toString()).toContain(`{"received":${bytes.length}}`);
    });
  });

  describe("when a connection is idle", () => {
    it("is closed in the end, without an error", async () => {
      const socket = await open({ keepAliveTimeoutMs: 100 });
      socket.write("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
      const reply = (await readAll(socket)).toString();
      expect(reply).toMatch(/^HTTP\/1\.1 200 /);
      expect(socket.readableAborted).toBe(false);
    });
  });

  describe("when an image is read slower than idle connections are kept", () => {
    it.each(["all the time", "only at its end"])("sends it whole: slow %s", async (when) => {
      const bytes = randomBytes(6 * MIB);
      const head = await uploaded(bytes);
      const socket = await open({ keepAliveTimeoutMs: 50 });
      socket.write(`${head}\r\n`);
      const chunks: Buffer[] = [];
      let received = 0;
      for await (const chunk of socket) {
        chunks.push(chunk as Buffer);
        received += (chunk as Buffer).length;
        if (when === "all the time") await pause(10);
        else if (received > 3 * MIB && received < 3.5 * MIB) await pause(400);
      }
      const reply = Buffer.concat(chunks);
      const body = reply.subarray(reply.indexOf("\r\n\r\n") + 4);
      expect(body.length).toBe(bytes.length);
      expect(Buffer.compare(body, bytes)).toBe(0);
    });
  });

  describe("when a thousand ranges are asked for", () => {
    it("sends the whole, once", async () => {
      const bytes = randomBytes(100_000);
      const head = await uploaded(bytes);
      const socket = await open({});
      const ranges = Array(1000).fill("0-99999").join(",");
      socket.write(`${head}Range: bytes=${ranges}\r\nConnection: close\r\n\r\n`);
      const reply = await readAll(socket);
      expect(reply.toString("latin1", 0, 12)).toBe("HTTP/1.1 200");
      expect(reply.length).toBeLessThan(bytes.length + 2000);
    });
  });
});
