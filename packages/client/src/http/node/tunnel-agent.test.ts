import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request as httpRequest, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { isCertificateFault, isProxyRefusal, LibraryClient } from "../../index.js";

const servers: (Server | TcpServer)[] = [];
let folder: string;
let key: string;
let ca: string;

const HAS_OPENSSL = spawnSync("openssl", ["version"]).status === 0;
const SKIPPED = HAS_OPENSSL ? "" : " (SKIPPED: no openssl)";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sifshelf-ca-"));
  if (!HAS_OPENSSL) return;
  const [keyFile, caFile] = [join(folder, "key.pem"), join(folder, "ca.pem")];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const files = ["-nodes", "-days", "2", "-keyout", keyFile, "-out", caFile];
  execFileSync("openssl", [...request, ...names, ...files], { stdio: "ignore" });
  key = readFileSync(keyFile, "utf8");
  ca = readFileSync(caFile, "utf8");
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  }
});

async function listen<T extends Server | TcpServer>(server: T): Promise<T & { port: number }> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

const version = JSON.stringify({ data: { version: "1", apiVersion: "2.0.0-alpha.2" } });

async function startLibrary(isSecure: boolean): Promise<string> {
  const reply = (_: unknown, response: { end: (text: string) => void }) => response.end(version);
  const server = isSecure ? createSecureServer({ key, cert: ca }, reply) : createServer(reply);
  const { port } = await listen(server);
  return `http${isSecure ? "s" : ""}://127.0.0.1:${port}`;
}

/** A proxy that records its requests. */
async function startProxy(connectStatus = 200) {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    const onward = httpRequest(request.url ?? "", { method: request.method ?? "GET" });
    onward.on("response", (reply) => reply.pipe(response));
    onward.end();
  });
  server.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    headers.push(request.headers);
    if (connectStatus !== 200) {
      socket.end(`HTTP/1.1 ${connectStatus} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket);
      socket.pipe(onward);
    });
    for (const each of [onward, socket]) each.on("error", () => {});
    socket.on("close", () => onward.destroy());
  });
  const { port } = await listen(server);
  return { asked, headers, url: new URL(`http://user:p%40ss@127.0.0.1:${port}`) };
}

const retry = false;

describe("LibraryClient", () => {
  describe.skipIf(!HAS_OPENSSL)(`when the library has a private certificate${SKIPPED}`, () => {
    it("refuses it, unless the authority is given", async () => {
      const baseUrl = await startLibrary(true);
      const stranger = new LibraryClient({ baseUrl, retry });
      await expect(stranger.getVersion()).rejects.toMatchObject({ code: "network" });
      const client = new LibraryClient({ baseUrl, retry, ca });
      expect(await client.getVersion()).toMatchObject({ version: "1" });
    });
  });

  describe("when there is a proxy", () => {
    it.skipIf(!HAS_OPENSSL)(
      `reaches an encrypted library through a tunnel, several requests through one${SKIPPED}`,
      async () => {
        const [baseUrl, proxy] = [await startLibrary(true), await startProxy()];
        const client = new LibraryClient({
          baseUrl,
          retry,
          ca,
          authToken: "canary",
          proxy: () => proxy.url,
        });
        expect(await client.getVersion()).toMatchObject({ version: "1" });
        await client.getEntity("e").catch(() => {});
        expect(proxy.asked).toEqual([`CONNECT ${new URL(baseUrl).host}`]);
        expect(proxy.headers[0]).toMatchObject({
          "proxy-authorization": `Basic ${btoa("user:p@ss")}`,
        });
        expect(JSON.stringify(proxy.headers)).not.toContain("canary");
      },
    );

    it("asks it for what is not encrypted", async () => {
      const [baseUrl, proxy] = [await startLibrary(false), await startProxy()];
      const client = new LibraryClient({ baseUrl, retry, proxy: () => proxy.url });
      expect(await client.getVersion()).toMatchObject({ version: "1" });
      expect(proxy.asked).toEqual([`GET ${baseUrl}/version`]);
      expect(proxy.headers[0]).toMatchObject({ host: new URL(baseUrl).host });
    });

    it("goes past it where it is told to", async () => {
      const [baseUrl, proxy] = [await startLibrary(false), await startProxy()];
      const client = new LibraryClient({ baseUrl, retry, proxy: () => undefined });
      expect(await client.getVersion()).toMatchObject({ version: "1" });
      expect(proxy.asked).toEqual([]);
    });

    it.skipIf(!HAS_OPENSSL)(
      `rejects when it refuses the tunnel, and does not tell its password${SKIPPED}`,
      async () => {
        const [baseUrl, proxy] = [await startLibrary(true), await startProxy(407)];
        const client = new LibraryClient({ baseUrl, retry, ca, proxy: () => proxy.url });
        const error: unknown = await client.getVersion().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: "network" });
        expect(String(error)).toContain("407");
        expect(String(error)).not.toContain("p@ss");
      },
    );
  });

  describe("when nothing accepts the connection", () => {
    it("rejects with network after connectTimeoutMs", async () => {
      // A proxy that accepts connections and sends nothing: the tunnel never opens.
      const { port } = await listen(createTcpServer());
      const proxy = () => new URL(`http://127.0.0.1:${port}`);
      const baseUrl = "https://library.example";
      const client = new LibraryClient({ baseUrl, retry, proxy, connectTimeoutMs: 20 });
      await expect(client.getVersion()).rejects.toMatchObject({ code: "network" });
    });
  });

  describe.skipIf(!HAS_OPENSSL)(`when nothing will be better the next time${SKIPPED}`, () => {
    const retries: unknown[] = [];
    const pause = async (delayMs: number) => void retries.push(delayMs);
    beforeEach(() => retries.splice(0));

    it("does not try a certificate again that is not trusted", async () => {
      const client = new LibraryClient({ baseUrl: await startLibrary(true), retry: { pause } });
      const error: unknown = await client.getVersion().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "network", retryable: false });
      expect([isCertificateFault(error), isProxyRefusal(error)]).toEqual([true, false]);
      expect(retries).toEqual([]);
    });

    it("does not ask a proxy again that refuses, but one that is in trouble", async () => {
      const baseUrl = await startLibrary(true);
      const askOf = async (status: number) => {
        const proxy = await startProxy(status);
        const client = new LibraryClient({ baseUrl, ca, retry: { pause }, proxy: () => proxy.url });
        const error: unknown = await client.getVersion().catch((thrown: unknown) => thrown);
        return { isRefusal: isProxyRefusal(error), asked: proxy.asked.length };
      };
      expect(await askOf(403)).toEqual({ isRefusal: true, asked: 1 });
      expect(await askOf(503)).toEqual({ isRefusal: false, asked: 6 });
    });
  });

  describe("when the options exclude each other", () => {
    it("throws option-not-valid", () => {
      const wrong = [{ fetch, ca }, { fetch, proxy: () => undefined }, { ca: "no certificate" }];
      for (const options of wrong) {
        expect(() => new LibraryClient(options)).toThrow(
          expect.objectContaining({ code: "option-not-valid" }),
        );
      }
    });
  });
});
