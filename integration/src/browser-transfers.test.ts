import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LibraryClient } from "@sifshelf/client";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type Front, type SeenRequest, startFront } from "./browser-transfers/front.js";
import { buildPage, serveSite, type TestSite } from "./browser-transfers/serve-page.js";
import type { TransferOutcome, TransferRequest } from "./browser-transfers/transfers.js";
import { CHROMIUM, launchChromium, SKIPPED } from "./chromium.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const MIB = 1024 * 1024;
/** Too large for one request: four parts of 16 MiB, and one of 1 MiB. */
const LARGE_BYTES = 65 * MIB;
const SMALL_BYTES = 3 * MIB + 17;

/** Signed URLs of parts, uploads and images. */
const PART = /^\/transfers\/uploads\/[^/]+\/parts\//;
const SIGNED = /^\/transfers\//;

describe.skipIf(CHROMIUM === undefined)(`@sifshelf/client in Chromium${SKIPPED}`, () => {
  let folder = "";
  let app: TestSite;
  let stranger: TestSite;
  let front: Front;
  let library: TestLibrary;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  let names = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sifshelf-browser-"));
    const handlePage = await buildPage();
    app = await serveSite(handlePage);
    stranger = await serveSite(handlePage);
    front = await startFront(handlePage);
    library = await startTestLibrary({ requireSif: false, corsOrigins: [app.origin] });
    front.setLibrary(library.url);
    browser = await launchChromium();
    page = await browser.newPage();
    page.on("pageerror", (error) => faults.push(error.message));
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([app, stranger, front, library].map((site) => site.close()));
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    names += 1;
    front.begin();
    if (!page.url().startsWith(app.origin)) await openPage(app.origin);
  });

  async function openPage(origin: string): Promise<void> {
    await page.goto(`${origin}/`);
    await page.waitForFunction("typeof globalThis.transfer === 'function'");
  }

  /** A file of new bytes, and their SHA-256. */
  async function makeFile(sizeBytes: number) {
    const path = join(folder, `${names}.sif`);
    const block = randomBytes(MIB);
    const hash = createHash("sha256");
    const file = await open(path, "w");
    for (let offset = 0; offset < sizeBytes; offset += MIB) {
      block.writeUInt32LE(offset / MIB);
      const chunk = block.subarray(0, Math.min(MIB, sizeBytes - offset));
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.close();
    return { path, sha256: hash.digest("hex") };
  }

  async function choose(path: string): Promise<void> {
    await page.setInputFiles("input", path);
  }

  /** Runs a transfer in the page, by default to and from the front, with the admin's token. */
  async function run(
    name: string,
    request: Partial<TransferRequest> = {},
    caller = "transfer",
  ): Promise<TransferOutcome> {
    const asked = {
      baseUrl: front.origin,
      authToken: library.adminToken,
      path: `admin/images/n${names}`,
      ...request,
    };
    return page.evaluate<TransferOutcome>(
      `${caller}(${JSON.stringify([name, asked]).slice(1, -1)})`,
    );
  }

  /** Pushes a file from Node to be pulled in a page. */
  async function store(sizeBytes: number) {
    const { path, sha256 } = await makeFile(sizeBytes);
    const { openFileSource } = await import("@sifshelf/client/node");
    const source = await openFileSource(path);
    const client = new LibraryClient({ baseUrl: library.url, authToken: library.adminToken });
    await client.uploadImage(source, `admin/images/n${names}`, { arch: "amd64" });
    await source.close();
    return { path, sha256 };
  }

  const requestsOf = (path: RegExp, method: string): SeenRequest[] =>
    front.seen.filter((seen) => seen.method === method && path.test(seen.path));

  describe("when a file is pushed to another origin", () => {
    it("sends a small one in one request, without the token", async () => {
      const { path, sha256 } = await makeFile(SMALL_BYTES);
      await choose(path);
      const outcome = await run("push");
      expect(outcome).toMatchObject({
        code: "ok",
        uploaded: true,
        hash: `sha256.${sha256}`,
        phases: ["hash", "transfer"],
        isSteady: true,
        bytesDone: SMALL_BYTES,
      });
      expect(requestsOf(SIGNED, "PUT")).toMatchObject([
        { origin: app.origin, hasToken: false, sentBytes: SMALL_BYTES, status: 200 },
      ]);
      expect(requestsOf(/./, "OPTIONS").map(({ status }) => status)).not.toContain(404);
    });

    it("sends a large one in parts, several at a time, and again the one whose connection was reset", async () => {
      const { path, sha256 } = await makeFile(LARGE_BYTES);
      await choose(path);
      let resets = 0;
      front.begin(({ method, path: asked }) => {
        if (method !== "PUT" || !asked.endsWith("/parts/3") || resets === 2) return undefined;
        resets += 1;
        return { kind: "reset-request", afterBytes: 5 * MIB };
      });
      const outcome = await run("push");
      expect(outcome).toMatchObject({
        code: "ok",
        hash: `sha256.${sha256}`,
        phases: ["hash", "transfer"],
        isSteady: true,
        bytesDone: LARGE_BYTES,
      });
      const parts = requestsOf(PART, "PUT");
      const numbers = parts.map(({ path: part }) => part.at(-1) ?? "");
      expect(numbers.toSorted()).toEqual(["1", "2", "3", "3", "3", "4", "5"]);
      expect(parts.map(({ hasToken }) => hasToken)).not.toContain(true);
      expect(Math.max(...parts.map(({ beside }) => beside))).toBeGreaterThan(0);
    });

    it("does so in a worker of the page", async () => {
      const { path, sha256 } = await makeFile(SMALL_BYTES);
      await choose(path);
      const outcome = await run("push", {}, "transferInWorker");
      expect(outcome).toMatchObject({ code: "ok", hash: `sha256.${sha256}`, uploaded: true });
    });

    it("resumes after an abort, and in a reloaded page, with the parts that arrived", async () => {
      const { path, sha256 } = await makeFile(LARGE_BYTES);
      await choose(path);
      const isStuck = ({ method, path: part }: SeenRequest) =>
        method === "PUT" && PART.test(part) && /\/[24]$/.test(part);
      front.begin((seen) => (isStuck(seen) ? { kind: "stall-request" } : undefined));
      const pushing = run("push");
      const isStored = ({ path: part, status }: SeenRequest) => PART.test(part) && status === 200;
      await front.until((seen) => seen.filter(isStored).length === 3);
      await page.evaluate("abortTransfer()");
      const given = { code: "AbortError", message: "given up by the user" };
      expect(await pushing).toMatchObject(given);
      front.begin();
      await openPage(app.origin);
      await choose(path);
      const outcome = await run("push");
      expect(outcome).toMatchObject({
        code: "ok",
        hash: `sha256.${sha256}`,
        bytesDone: LARGE_BYTES,
      });
      const again = requestsOf(PART, "PUT").map(({ path: part }) => part.at(-1) ?? "");
      expect(again.toSorted()).toEqual(["2", "4"]);
    });

    it("waits for a slow connection", async () => {
      const { path, sha256 } = await makeFile(24 * MIB);
      await choose(path);
      front.begin(({ method }) =>
        method === "PUT" ? { kind: "slow-request", bytesPerSecond: 8 * MIB } : undefined,
      );
      const outcome = await run("push", { client: { timeoutMs: 1500, retry: { maxAttempts: 1 } } });
      expect(outcome).toMatchObject({ code: "ok", hash: `sha256.${sha256}`, isSteady: true });
    });

    it("gives up a silent connection", async () => {
      const { path } = await makeFile(24 * MIB);
      await choose(path);
      front.begin(({ method }) => (method === "PUT" ? { kind: "stall-request" } : undefined));
      const client = { timeoutMs: 1500, retry: { maxAttempts: 1 } };
      expect(await run("push", { client })).toMatchObject({ code: "timeout" });
    });

    it("refuses a file that was changed after it was chosen", async () => {
      const { path } = await makeFile(SMALL_BYTES);
      await choose(path);
      await writeFile(path, "something else");
      expect(await run("push")).toMatchObject({ code: "source-changed" });
    });

    it("notices that a file changes while it is sent", async () => {
      const { path } = await makeFile(SMALL_BYTES);
      await choose(path);
      let asks = 0;
      front.begin(({ method, path: asked }) => {
        if (method !== "POST" || !asked.startsWith("/v2/imagefile/")) return undefined;
        asks += 1;
        if (asks > 1) return undefined;
        writeFileSync(path, "something else");
        return { kind: "reply", status: 503, headers: corsHeaders({ "retry-after": "0" }) };
      });
      const outcome = await run("push", { client: { retry: { maxAttempts: 2 } } });
      expect(outcome.code).toBe("source-changed");
    });
  });

  /** CORS headers for a page whose origin is allowed. */
  function corsHeaders(headers: Record<string, string>): Record<string, string> {
    return {
      "access-control-allow-origin": app.origin,
      "access-control-expose-headers": "Retry-After",
      ...headers,
    };
  }

  describe("when an image is pulled from another origin", () => {
    it("returns a stream that closes after the right bytes, by one request and its redirect", async () => {
      const { sha256 } = await store(SMALL_BYTES);
      const outcome = await run("pullStream");
      expect(outcome).toMatchObject({ code: "ok", sha256, sizeBytes: SMALL_BYTES, isSteady: true });
      expect(requestsOf(/^\/v1\/imagefile\//, "GET")).toMatchObject([{ status: 303 }]);
      expect(requestsOf(SIGNED, "GET")).toMatchObject([{ status: 200, origin: app.origin }]);
    });

    it("does so in a worker of the page", async () => {
      const { sha256 } = await store(SMALL_BYTES);
      expect(await run("pullStream", {}, "transferInWorker")).toMatchObject({ code: "ok", sha256 });
    });

    it("fails instead of closing when a byte is wrong", async () => {
      await store(SMALL_BYTES);
      front.begin(({ path }) =>
        SIGNED.test(path) ? { kind: "flip", atByte: 2 * MIB } : undefined,
      );
      expect(await run("pullStream")).toMatchObject({ code: "integrity", sizeBytes: SMALL_BYTES });
    });

    it("continues where a connection was reset", async () => {
      const { sha256 } = await store(SMALL_BYTES);
      let resets = 0;
      front.begin(({ path, method }) => {
        if (!SIGNED.test(path) || method !== "GET" || resets === 2) return undefined;
        resets += 1;
        return { kind: "reset-reply", afterBytes: MIB };
      });
      const outcome = await run("pullStream");
      expect(outcome).toMatchObject({ code: "ok", sha256, sizeBytes: SMALL_BYTES });
      const ranges = requestsOf(SIGNED, "GET").map(({ range }) => range);
      expect(ranges).toHaveLength(3);
      expect(ranges.slice(1)).not.toContain(undefined);
    });

    it("writes parts side by side to a file of the page", async () => {
      const { sha256 } = await store(40 * MIB);
      const outcome = await run("pullInParts");
      expect(outcome).toMatchObject({
        code: "ok",
        sha256,
        sizeBytes: 40 * MIB,
        phases: ["transfer", "verify"],
      });
      const parts = requestsOf(SIGNED, "GET").filter(({ range }) => range !== undefined);
      expect(parts.map(({ status }) => status)).toEqual([206, 206, 206, 206, 206]);
      expect(Math.max(...parts.map(({ beside }) => beside))).toBeGreaterThan(1);
    });

    it("ends when it is aborted, and reads no more", async () => {
      await store(40 * MIB);
      const isRange = ({ range }: SeenRequest) => range !== undefined;
      front.begin((seen) => (isRange(seen) ? { kind: "stall-reply" } : undefined));
      const pulling = run("pullInParts");
      await front.until((seen) => seen.filter(isRange).length >= 4);
      await page.evaluate("abortTransfer()");
      expect(await pulling).toMatchObject({ code: "AbortError", message: "given up by the user" });
      await front.until((seen) => seen.filter(isRange).every(({ isOpen }) => !isOpen));
    });
  });

  describe("when the page is of the library's own origin", () => {
    it("pushes and pulls, without preflight requests", async () => {
      await openPage(front.origin);
      const { path, sha256 } = await makeFile(SMALL_BYTES);
      await choose(path);
      expect(await run("push")).toMatchObject({ code: "ok", hash: `sha256.${sha256}` });
      expect(await run("pullStream")).toMatchObject({ code: "ok", sha256 });
      expect(requestsOf(/./, "OPTIONS")).toEqual([]);
      expect(requestsOf(SIGNED, "PUT")).toMatchObject([{ hasToken: false }]);
    });
  });

  describe("when the library is overloaded", () => {
    it("waits for Retry-After, which the page may read", async () => {
      const { sha256 } = await store(SMALL_BYTES);
      let refusals = 0;
      front.begin(({ path, method }) => {
        if (method !== "GET" || !path.startsWith("/v1/images/") || refusals === 1) return undefined;
        refusals += 1;
        return { kind: "reply", status: 503, headers: corsHeaders({ "retry-after": "400" }) };
      });
      // Longer than a client waits: it rejects with an error instead.
      const refused = await run("pullStream");
      expect(refused.code).toBe("unavailable");
      expect(await run("pullStream")).toMatchObject({ code: "ok", sha256 });
    });
  });

  describe("when the library does not allow the page's origin", () => {
    it("gets no further than the browser's preflight, and names the likely cause", async () => {
      await store(SMALL_BYTES);
      front.begin();
      await openPage(stranger.origin);
      const retry = { maxAttempts: 1 };
      const outcome = await run("pullStream", { client: { retry } });
      expect(outcome.code).toBe("network");
      expect(outcome.message).toContain(stranger.origin);
      expect(front.seen.map(({ method, status }) => ({ method, status }))).toEqual([
        { method: "OPTIONS", status: 404 },
      ]);
    });
  });

  describe("when the signed URLs are of a third origin", () => {
    it("sends the token to the library alone", async () => {
      const other = await startTestLibrary({
        requireSif: false,
        corsOrigins: ["*"],
        publicUrl: front.otherOrigin,
      });
      front.setLibrary(other.url);
      try {
        const { path, sha256 } = await makeFile(SMALL_BYTES);
        await choose(path);
        const mine = { authToken: other.adminToken };
        expect(await run("push", mine)).toMatchObject({ code: "ok" });
        expect(await run("pullStream", mine)).toMatchObject({ code: "ok", sha256 });
        const [there, here] = [true, false].map((isThere) =>
          front.seen.filter(({ host }) => host.startsWith("localhost") === isThere),
        );
        expect(there?.map(({ method }) => method).toSorted()).toEqual(["GET", "OPTIONS", "PUT"]);
        expect(there?.map(({ hasToken }) => hasToken)).not.toContain(true);
        expect(here?.map(({ hasToken }) => hasToken)).toContain(true);
      } finally {
        front.setLibrary(library.url);
        await other.close();
      }
    });
  });

  it("does all this without an error that nobody caught", () => {
    expect(faults).toEqual([]);
  });
});
