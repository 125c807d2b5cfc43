import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createPlainServer, request as httpRequest, type Server } from "node:http";
import { createServer } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildSif } from "@sifshelf/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type Certificate, HAS_OPENSSL, makeCertificate, OPENSSL_SKIPPED } from "./certificate.js";
import { type CliResult, type CliUser, createCliUser } from "./cli-process.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const SECRET = "pr0xy-s3cret";
const REF = "admin/images/hello:1.0";
const IMAGE = buildSif({ seed: 77, payloadBytes: 100_000 });

describe.skipIf(!HAS_OPENSSL)(`sifshelf on a site's network${OPENSSL_SKIPPED}`, () => {
  let folder = "";
  let site: Certificate;
  let other: Certificate;
  let library: TestLibrary;
  let secure: Listening;
  let proxy: Proxy;
  let user: CliUser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sifshelf-network-"));
    [site, other] = [await makeCertificate(folder, "site"), await makeCertificate(folder, "other")];
    library = await startTestLibrary({ trustProxy: ["127.0.0.1"] });
    secure = await startSecureFront(site, library.url);
    proxy = await startProxy();
  });
  afterAll(async () => {
    await Promise.all([secure, proxy, library].map((server) => server?.close()));
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    proxy.asked.length = 0;
    proxy.status = 200;
    user = await createCliUser();
    await writeFile(join(user.folder, "hello.sif"), IMAGE);
    Object.assign(user.env, {
      SIFSHELF_LIBRARY: secure.url,
      SIFSHELF_TOKEN: library.adminToken,
      HTTPS_PROXY: `http://someone:${SECRET}@127.0.0.1:${proxy.port}`,
    });
  });
  afterEach(() => user.remove());

  const host = () => new URL(secure.url).host;

  async function push(...options: string[]): Promise<CliResult> {
    return user.run(["push", "hello.sif", REF, ...options]);
  }

  describe("when the library is behind a proxy and has a certificate of the site", () => {
    it("pushes and pulls through tunnels, and does not leak the proxy's password", async () => {
      const pushed = await push("--ca-file", site.path, "--verbose");
      const args = ["pull", REF, "-o", "back.sif", "--arch", "amd64", "--ca-file", site.path];
      const pulled = await user.run([...args, "--verbose"]);
      expect([pushed.exit, pulled.exit]).toEqual([0, 0]);
      const back = await readFile(join(user.folder, "back.sif"));
      expect(back.equals(IMAGE)).toBe(true);
      expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${host()}`]));
      expect(proxy.credentials).toEqual(`someone:${SECRET}`);
      const said = [pushed, pulled].map(({ stdout, stderr }) => `${stdout.toString()}${stderr}`);
      expect(said.join()).not.toContain(SECRET);
    });

    it.each(["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"])(
      "trusts what %s names, also beside another --ca-file",
      async (variable) => {
        user.env[variable] = site.path;
        expect((await user.run(["show", REF])).exit).toBe(0);
        expect((await user.run(["show", REF, "--ca-file", other.path])).exit).toBe(0);
      },
    );

    it("bypasses the proxy for hosts of NO_PROXY", async () => {
      user.env["NO_PROXY"] = "example.org,127.0.0.0/8";
      expect((await user.run(["show", REF, "--ca-file", site.path])).exit).toBe(0);
      expect(proxy.asked).toEqual([]);
    });
  });

  describe("when the certificate is not trusted", () => {
    it("reports that at once, and what to do", async () => {
      const result = await user.run(["show", REF, "--json"]);
      expect(result.json).toMatchObject({ ok: false, error: { code: "network" } });
      expect(result.json.error.next).toContain("--ca-file");
      expect(proxy.asked).toEqual([`CONNECT ${host()}`]);
    });
  });

  describe("when the proxy refuses", () => {
    it("names the proxy without its password, and tries it once", async () => {
      proxy.status = 407;
      const result = await user.run(["show", REF, "--json", "--ca-file", site.path]);
      expect(result.json.error.message).toContain(`the proxy 127.0.0.1:${proxy.port}`);
      expect(result.json.error.next).toContain("HTTPS_PROXY");
      expect(`${result.stdout.toString()}${result.stderr}`).not.toContain(SECRET);
      expect(proxy.asked).toHaveLength(1);
    });
  });

  describe("when a remote names the library", () => {
    beforeEach(async () => {
      delete user.env["SIFSHELF_LIBRARY"];
      await mkdir(join(user.home, ".apptainer"));
      const remote = `Active: mine\nRemotes:\n  mine: {URI: "${host()}", Token: ${library.adminToken}}\n`;
      await writeFile(join(user.home, ".apptainer", "remote.yaml"), remote);
    });

    it("requests it through the proxy as well, trusting the same certificates", async () => {
      const result = await user.run(["show", REF, "--ca-file", site.path]);
      expect([result.exit, result.stderr]).toEqual([0, ""]);
      expect(proxy.asked.length).toBeGreaterThan(1);
    });

    it("reports what to do when it is not trusted", async () => {
      const result = await user.run(["show", REF, "--json"]);
      expect(result.json.error.code).toBe("discovery-failed");
      expect(result.json.error.next).toContain("--ca-file");
    });
  });
});

interface Listening {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

async function listening(server: Server, scheme: "http" | "https"): Promise<Listening> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/**
 * TLS in front of a library, like a site's reverse proxy; it serves the document by which a remote
 * names its library.
 */
async function startSecureFront({ key, cert }: Certificate, target: string): Promise<Listening> {
  const server = createServer({ key, cert }, (request, response) => {
    if (request.url === "/assets/config/config.prod.json") {
      response.end(JSON.stringify({ libraryAPI: { uri: `https://${request.headers.host}` } }));
      return;
    }
    const { method, url = "/" } = request;
    const headers = { ...request.headers, "x-forwarded-proto": "https" };
    const onward = httpRequest(new URL(url, target), { method, headers, setHost: false });
    onward.on("response", (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  return listening(server, "https");
}

/** An HTTP proxy that opens tunnels. */
interface Proxy extends Listening {
  /** All requests that it received. */
  readonly asked: string[];
  /** The most recent user and password. */
  credentials: string;
  /** Its replies. */
  status: number;
}

async function startProxy(): Promise<Proxy> {
  const server = createPlainServer();
  const proxy = { asked: [] as string[], credentials: "", status: 200 };
  server.on("connect", ({ method, url = "", headers }, socket) => {
    proxy.asked.push(`${method} ${url}`);
    proxy.credentials = atob((headers["proxy-authorization"] ?? "").replace("Basic ", ""));
    if (proxy.status !== 200) {
      socket.end(`HTTP/1.1 ${proxy.status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const each of [onward, socket]) each.on("error", () => {});
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
  });
  return Object.assign(proxy, await listening(server, "http"));
}
