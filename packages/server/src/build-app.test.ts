import { once } from "node:events";
import { type AddressInfo, type Socket, connect } from "node:net";

import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { sqlOf } from "./catalog/sql.js";
import { buildApp } from "./build-app.js";
import { Fault } from "./faults/fault.js";
import {
  type TestLibrary,
  bodyOf,
  createTestLibrary,
} from "./library/uploads/fixtures.contract.js";
import { receiveV1Upload } from "./library/uploads/receive-v1-upload.js";
import { createLogger } from "./logger.js";

const MIB = 1 << 20;

let site: TestLibrary;
let app: FastifyInstance;
let lines: string[];

beforeEach(async () => {
  lines = [];
  site = await createTestLibrary({ settings: { idleTimeoutMs: 100 } });
  const logger = createLogger({
    level: "info",
    destination: { write: (line: string) => void lines.push(line) },
  });
  app = buildApp({ library: site.library, logger, version: "1.2.3" });
});

afterEach(async () => {
  app.server.closeAllConnections();
  await app.close();
  await site.close();
});

async function open(text: string): Promise<Socket> {
  await app.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(text);
  return socket;
}

/** The requests that were logged. */
function logged(): { msg: string }[] {
  return lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
}

/** All that the server says until it closes the connection. */
async function exchange(text: string): Promise<{ head: string; body: unknown }> {
  const socket = await open(text);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "close");
  const [head = "", body = ""] = Buffer.concat(chunks).toString().split("\r\n\r\n");
  return { head, body: JSON.parse(body) };
}

describe("buildApp", () => {
  describe("when what comes is not a request", () => {
    it.each([
      ["no HTTP", "\u0016\u0003\u0001\r\n\r\n", 400, "bad-request"],
      ["two lengths", lengths("2", "3"), 400, "bad-request"],
      ["a length and chunks", `${lengths("2")}Transfer-Encoding: chunked\r\n`, 400, "bad-request"],
      ["headers over 16 KiB", `X-Long: ${"x".repeat(17 * 1024)}\r\n`, 431, "headers-too-large"],
    ])("answers %s with the catalogue's error and closes", async (_, text, status, reason) => {
      const isHead = !text.startsWith("\u0016");
      const request = isHead ? `POST /v1/entities HTTP/1.1\r\nHost: x\r\n${text}\r\n{}` : text;
      const { head, body } = await exchange(request);
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(body).toMatchObject({ error: { code: status, reason } });
    });
  });

  describe("when the URL cannot be looked up", () => {
    it.each(["/v1/entities/%zz", "/v1/images/%c0%ae", `/v1/entities/${"a".repeat(1000)}`])(
      "answers %s like any other wrong request, and logs it",
      async (url) => {
        const reply = await app.inject({ url });
        expect(reply.json()).toMatchObject({ error: { code: 400, reason: "bad-request" } });
        expect(reply.headers).toMatchObject({
          "cache-control": "no-store",
          "x-request-id": reply.json().error.requestID,
        });
        expect(lines.map((line) => JSON.parse(line))).toMatchObject([
          { level: "info", msg: "request", status: 400, path: url },
        ]);
      },
    );
  });

  describe("when a body comes with a Content-Type that is none", () => {
    it.each(["", ";;;", "application/json, text/html"])("reads it after %j", async (type) => {
      const reply = await app.inject({
        method: "POST",
        url: "/v1/entities",
        headers: { "content-type": type },
        payload: "{}",
      });
      expect(reply.json()).toMatchObject({ error: { reason: "unauthorized" } });
    });
  });

  describe("when it is busy", () => {
    it("says when to try again", async () => {
      app.get("/busy", async () => {
        throw new Fault("unavailable", "busy");
      });
      const reply = await app.inject({ url: "/busy" });
      expect(reply.statusCode).toBe(503);
      expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
    });
  });

  describe("when too many requests are in flight", () => {
    it("says so in the protocol's words, but is healthy and logs no failure of its own", async () => {
      await app.close();
      const logger = createLogger({
        level: "info",
        destination: { write: (line: string) => void lines.push(line) },
      });
      app = buildApp({ library: site.library, logger, version: "1", maxRequests: 0 });
      const reply = await app.inject({ url: "/v1/entities/alice" });
      expect(reply.statusCode).toBe(503);
      expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
      expect(reply.json()).toMatchObject({ error: { code: 503, reason: "unavailable" } });
      expect((await app.inject({ url: "/healthz" })).statusCode).toBe(200);
      expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    });
  });

  describe("when health is asked for", () => {
    it("does not log it", async () => {
      const reply = await app.inject({ url: "/healthz" });
      expect(reply.json()).toEqual({ status: "ok" });
      expect(reply.headers["cache-control"]).toBe("no-store");
      expect(lines).toEqual([]);
    });
  });

  describe("when the reply is not read", () => {
    it("closes the connection", async () => {
      app.get("/big", async () => "x".repeat(32 * MIB));
      const accepted = once(app.server, "connection") as Promise<[Socket]>;
      const reader = await open("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
      reader.pause();
      const [connection] = await accepted;
      await once(connection, "close");
      reader.destroy();
    });
  });

  describe("when the client leaves before it is answered", () => {
    it("logs the request, and that it was cut off", async () => {
      const asked = new Promise<void>((resolve) => {
        app.get("/slow", async ({ socket }) => {
          resolve();
          await once(socket, "close");
          return "late";
        });
      });
      const client = await open("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
      await asked;
      client.destroy();
      await expect
        .poll(logged)
        .toMatchObject([{ path: "/slow", isCutOff: true, address: "127.0.0.1" }]);
      expect(logged()[0]).not.toHaveProperty("status");
    });

    it("says nothing of it where all was sent", async () => {
      const client = await open("GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
      await once(client, "data");
      client.destroy();
      await expect.poll(logged).toMatchObject([{ path: "/version", status: 200 }]);
      expect(logged()[0]).not.toHaveProperty("isCutOff");
    });
  });

  describe("when pulls cannot be counted", () => {
    it("answers them nevertheless, and logs why", async () => {
      const bytes = buildSif();
      const image = await site.imageOf(bytes);
      await receiveV1Upload(site.library, site.alice, image, bodyOf(bytes));
      await sql`create trigger full before update of download_count on containers
        begin select raise(abort, 'no room'); end`.execute(sqlOf(site.library.catalog));
      const url = `/v1/imagefile/alice/images/first:${image.hash}`;
      const reply = await app.inject({ url, headers: { host: "localhost" } });
      expect(reply.statusCode).toBe(303);
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { level: "warn", image: image.id, err: { message: "no room" } },
        { msg: "request", status: 303 },
      ]);
    });
  });
});

function lengths(...values: readonly string[]): string {
  return values.map((value) => `Content-Length: ${value}\r\n`).join("");
}
