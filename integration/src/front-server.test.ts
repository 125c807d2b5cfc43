import { once } from "node:events";
import { chmod, readFile, stat } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";

import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HAS_NGINX, NGINX_SKIPPED, type Nginx, startNginx } from "./nginx.js";
import { type RawLibrary, pushRaw, rawLibrary, sha256Hex } from "./raw-library.js";
import { describeServedBytes } from "./served-bytes.contract.js";
import { type TestLibrary, startTestLibrary } from "./test-library.js";

const PREFIX = "/_sifshelf-blobs/";
/** More than nginx accepts as a body by default. */
const BYTES = buildSif({ seed: 9100, payloadBytes: 3_000_000 });
const HIDDEN = buildSif({ seed: 9101, payloadBytes: 10_000 });
/** Origin of pages that may use the library. */
const PAGE = "https://app.example.org";
const REF = "ann/c/n:latest";
const HIDDEN_REF = "ann/hidden/n:latest";

interface Site {
  readonly site: TestLibrary;
  readonly token: string;
}

async function openSite(options: Parameters<typeof startTestLibrary>[0] = {}): Promise<Site> {
  const site = await startTestLibrary({ accelRedirect: PREFIX, ...options });
  const token = await (await site.addUser("ann")).createToken("write");
  return { site, token };
}

async function push(library: RawLibrary, token: string): Promise<void> {
  const names = { token, entity: "ann", container: "n" };
  await pushRaw(library, { ...names, collection: "c", bytes: BYTES });
  await pushRaw(library, { ...names, collection: "hidden", bytes: HIDDEN, isPrivate: true });
}

const blobPath = (bytes: Uint8Array) => {
  const hex = sha256Hex(bytes);
  return `sha256/${hex.slice(0, 2)}/${hex}`;
};

describe("a library that passes downloads to a front server", () => {
  let open: Site;
  let library: RawLibrary;
  let location: string;

  beforeAll(async () => {
    open = await openSite();
    library = rawLibrary(open.site.url);
    await push(library, open.token);
    const reply = await library.send("GET", `v1/imagefile/${REF}`);
    location = reply.headers.get("location") ?? "";
  });
  afterAll(() => open.site.close());

  it("returns the path of the bytes, without bytes", async () => {
    const { status, headers, bytes } = await library.send("GET", location);
    expect([status, bytes.length]).toEqual([200, 0]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-accel-redirect": PREFIX + blobPath(BYTES),
      etag: `"sha256:${sha256Hex(BYTES)}"`,
      "content-type": "application/octet-stream",
      "content-disposition": 'attachment; filename="n.sif"',
      "content-length": "0",
      "cache-control": "no-store",
    });
    const file = join(open.site.folder, "blobs", blobPath(BYTES));
    expect(sha256Hex(await readFile(file))).toBe(sha256Hex(BYTES));
  });

  it("leaves ranges to the front server, except for unsatisfiable ones", async () => {
    const part = await library.send("GET", location, { headers: { range: "bytes=5-9" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([200, null]);
    expect(part.headers.get("x-accel-redirect")).toBe(PREFIX + blobPath(BYTES));
    const beyond = await library.send("GET", location, { headers: { range: "bytes=99999999-" } });
    expect([beyond.status, beyond.headers.get("x-accel-redirect")]).toEqual([416, null]);
  });

  it("replies itself to HEAD and to conditional requests", async () => {
    const head = await library.send("HEAD", location);
    expect(head.headers.get("content-length")).toBe(String(BYTES.length));
    const etag = head.headers.get("etag") ?? "";
    const same = await library.send("GET", location, { headers: { "if-none-match": etag } });
    for (const { headers } of [head, same]) expect(headers.get("x-accel-redirect")).toBeNull();
    expect(same.status).toBe(304);
  });

  it("names no file to users who may not have it", async () => {
    const refused = await Promise.all([
      library.send("GET", `v1/imagefile/${HIDDEN_REF}`),
      library.send("GET", location.replace("expires=", "expires=9")),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([404, 403]);
    for (const { headers } of refused) expect(headers.get("x-accel-redirect")).toBeNull();
  });

  it("makes the passed files readable for the group, and no others", async () => {
    await library.send("GET", location);
    const modeOf = async (...names: string[]) =>
      ((await stat(join(open.site.folder, ...names))).mode & 0o777).toString(8);
    const shared = sha256Hex(BYTES).slice(0, 2);
    expect(await modeOf("blobs", blobPath(BYTES))).toBe("640");
    expect(await modeOf("blobs", blobPath(HIDDEN))).toBe("600");
    expect(await modeOf("blobs", "sha256", shared)).toBe("710");
    expect([await modeOf("uploads"), await modeOf("catalog.sqlite")]).toEqual(["700", "600"]);
  });
});

describe.skipIf(!HAS_NGINX).each(["redirect", "stream"] as const)(
  `a library behind nginx, with downloads = %s${NGINX_SKIPPED}`,
  (downloads) => {
    let open: Site;
    let nginx: Nginx;
    let library: RawLibrary;

    beforeAll(async () => {
      open = await openSite({ downloads, corsOrigins: [PAGE] });
      await chmod(open.site.folder, 0o710);
      nginx = await startNginx(open.site.url, open.site.folder);
      library = rawLibrary(nginx.url);
      await push(library, open.token);
    });
    afterAll(async () => {
      await nginx?.close();
      await open?.site.close();
    });

    /** Returns where to request the bytes of a ref. */
    const sourceOf = async (ref: string, token?: string) => {
      if (downloads === "stream") return `v1/imagefile/${ref}`;
      const reply = await library.send("GET", `v1/imagefile/${ref}`, { token });
      return reply.headers.get("location") ?? `v1/imagefile/${ref}`;
    };

    describeServedBytes(BYTES, async (method, headers = {}) =>
      library.send(method, await sourceOf(REF), { headers }),
    );

    it("has the bytes sent by nginx", async () => {
      const { headers } = await library.send("GET", await sourceOf(REF));
      expect(headers.get("x-accel-redirect")).toBeNull();
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get("last-modified")).toBeNull();
      const direct = await rawLibrary(open.site.url).send("GET", await directPath());
      expect(direct.headers.get("x-accel-redirect")).toBe(PREFIX + blobPath(BYTES));
    });

    it("lets pages of allowed origins read it, and no others", async () => {
      const asked = async (origin: string) =>
        (await library.send("GET", await sourceOf(REF), { headers: { origin } })).headers;
      const known = await asked(PAGE);
      expect(known.get("access-control-allow-origin")).toBe(PAGE);
      expect(known.get("access-control-expose-headers")).toContain("ETag");
      const other = await asked("https://other.example.org");
      expect(other.get("access-control-allow-origin")).toBeNull();
    });

    const directPath = async () => {
      const url = new URL(await sourceOf(REF), nginx.url);
      return `${url.pathname.slice(1)}${url.search}`;
    };

    it("sends a private image only to users who may have it", async () => {
      const { token } = open;
      const mine = await library.send("GET", await sourceOf(HIDDEN_REF, token), { token });
      expect(sha256Hex(mine.bytes)).toBe(sha256Hex(HIDDEN));
      const reply = await library.send("GET", await sourceOf(HIDDEN_REF));
      const missing = await library.send("GET", await sourceOf("ann/hidden/other:latest"));
      expect([reply.status, reply.error.reason]).toEqual([404, "not-found"]);
      expect([missing.status, missing.error.reason]).toEqual([404, "not-found"]);
    });

    it.each([
      (path: string) => `${PREFIX}${path}`,
      (path: string) => `/%5Fsifshelf-blobs/${path}`,
      (path: string) => `//_sifshelf-blobs//${path}`,
      (path: string) => `/v1/..${PREFIX}${path}`,
      (path: string) => `/v1/%2e%2e${PREFIX}${path}`,
      (path: string) => `${PREFIX}../${path}`,
      () => `${PREFIX}../catalog.sqlite`,
    ])("does not send a file to who asks for it by %o", async (pathOf) => {
      for (const bytes of [BYTES, HIDDEN]) {
        const { status, body } = await rawGet(nginx.url, pathOf(blobPath(bytes)));
        expect([400, 404]).toContain(status);
        expect(body.length).toBeLessThan(1000);
      }
    });

    it("writes no signature into its log", async () => {
      const source = await sourceOf(REF);
      await library.send("GET", source);
      const log = await nginx.logs();
      expect(log).toContain(new URL(source, nginx.url).pathname);
      expect(log).not.toMatch(/signature|expires=/);
    });
  },
);

/** A request with the path exactly as written; `fetch` would normalise it. */
async function rawGet(url: string, path: string): Promise<{ status: number; body: Buffer }> {
  const { hostname, port } = new URL(url);
  const outgoing = request({ hostname, port, path });
  outgoing.end();
  const [reply] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk as Buffer);
  return { status: reply.statusCode ?? 0, body: Buffer.concat(chunks) };
}
