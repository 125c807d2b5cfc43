import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  imageHash,
  LibraryClient,
  type LibraryClientOptions,
  type TransferProgress,
} from "@sifshelf/client";
import { fromProgressBar, fromUploadCallback, NoopProgressBar } from "@sifshelf/client/go-compat";
import { imageHashOfFile, openFileSource, pullToFile } from "@sifshelf/client/node";
import { buildSif, writeSifFile } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestLibrary, startTestLibrary } from "./test-library.js";

const MIB = 1024 * 1024;
const small = buildSif({ seed: 41 });

let site: TestLibrary;
let streaming: TestLibrary;
let folder: string;
let largePath: string;

beforeAll(async () => {
  site = await startTestLibrary();
  streaming = await startTestLibrary({ downloads: "stream" });
  folder = await mkdtemp(join(tmpdir(), "sifshelf-client-"));
  largePath = join(folder, "large.sif");
  await writeSifFile(largePath, { seed: 42, arch: "arm64", payloadBytes: 66 * MIB });
});
afterAll(async () => {
  await Promise.all([site.close(), streaming.close()]);
  await rm(folder, { recursive: true, force: true });
});

function clientOf(library: TestLibrary, options: LibraryClientOptions = {}): LibraryClient {
  return new LibraryClient({ baseUrl: library.url, authToken: library.adminToken, ...options });
}

/**
 * A `fetch` to the real server that simulates an older one: matching calls do not exist. Records
 * all calls.
 */
function olderServer(missing: RegExp) {
  const calls: string[] = [];
  const fetchOlder = async (input: string | URL, init?: RequestInit) => {
    const call = `${init?.method ?? "GET"} ${new URL(input).pathname}`;
    calls.push(call);
    return missing.test(call) ? new Response(null, { status: 404 }) : fetch(input, init);
  };
  return { calls, fetchOlder };
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe("uploadImage to a running server", () => {
  describe("when the image is new", () => {
    it("creates everything, sends the bytes and sets all tags", async () => {
      const client = clientOf(site);
      const events: TransferProgress[] = [];
      const pushed = await client.uploadImage(small, "alice/tools/small", {
        arch: "amd64",
        tags: ["latest", "v1"],
        description: "a small one",
        progress: (event) => void events.push(event),
      });
      expect(pushed).toMatchObject({ uploaded: true, tags: ["latest", "v1"] });
      expect(pushed.containerUrl).toContain("alice/tools/small");
      expect(pushed.quota?.quotaUsage).toBeGreaterThanOrEqual(small.byteLength);
      expect(events.at(-1)).toMatchObject({ ended: "complete" });
      const image = await client.getImage("alice/tools/small:v1", { arch: "amd64" });
      expect(image).toMatchObject({
        id: pushed.image.id,
        hash: await imageHash(small),
        size: small.byteLength,
        uploaded: true,
        arch: "amd64",
        description: "a small one",
      });
    });

    it("sends nothing the second time", async () => {
      const { calls, fetchOlder } = olderServer(/^$/);
      const client = clientOf(site, { fetch: fetchOlder });
      await client.uploadImage(small, "alice/tools/again", { arch: "amd64" });
      calls.length = 0;
      const pushed = await client.uploadImage(small, "alice/tools/again", {
        arch: "amd64",
        tags: ["v2"],
      });
      expect(pushed.uploaded).toBe(false);
      expect(calls.some((call) => /imagefile|transfers/.test(call))).toBe(false);
      const tagged = await client.getImage("alice/tools/again:v2", { arch: "amd64" });
      expect(tagged.id).toBe(pushed.image.id);
    });

    it("creates a private container that others do not see, and refuses a public one", async () => {
      const client = clientOf(site);
      const options = { arch: "amd64", private: true } as const;
      await client.uploadImage(small, "alice/tools/secret", options);
      const anonymous = clientOf(site, { authToken: "" });
      for (const other of [
        anonymous.getImage("alice/tools/secret"),
        anonymous.downloadImage("alice/tools/secret"),
      ]) {
        await expect(other).rejects.toMatchObject({ code: "not-found" });
      }
      expect(await bytesOf(await client.downloadImage("alice/tools/secret"))).toEqual(small);
      await client.uploadImage(small, "alice/tools/open", { arch: "amd64" });
      const refused = client.uploadImage(small, "alice/tools/open", options);
      await expect(refused).rejects.toMatchObject({ code: "conflict" });
    });

    it("results in one image when several push it at once", async () => {
      const pushes = Array.from({ length: 8 }, () =>
        clientOf(site).uploadImage(small, "crowd/of/pushers", { arch: "amd64" }),
      );
      const ids = (await Promise.all(pushes)).map(({ image }) => image.id);
      expect(new Set(ids).size).toBe(1);
      expect(await bytesOf(await clientOf(site).downloadImage("crowd/of/pushers"))).toEqual(small);
    });
  });

  describe.each([
    ["in parts", /^$/, /_multipart_complete$/],
    ["in one request where parts are not supported", /POST .*_multipart$/, /\/_complete$/],
    ["as to a server without versions", /version$/, /^POST \/v1\/imagefile/],
  ])("when a large image goes %s", (name, missing, expected) => {
    const path = `bob/large/${name.replaceAll(" ", "-")}`;

    it("arrives whole", { timeout: 120_000 }, async () => {
      const { calls, fetchOlder } = olderServer(missing);
      const client = clientOf(site, { fetch: fetchOlder });
      const source = await openFileSource(largePath);
      try {
        await client.uploadImage(source, path, { arch: "arm64" });
      } finally {
        await source.close();
      }
      expect(calls.some((call) => expected.test(call))).toBe(true);
      const hash = await imageHashOfFile(largePath);
      const found = await client.getImage(`${path}:latest`, { arch: "arm64" });
      expect(found).toMatchObject({ hash, uploaded: true, size: source.size });
    });
  });

  describe("when it is refused", () => {
    it("rejects by cause: no token, another user's entity, not a SIF", async () => {
      const anonymous = clientOf(site, { authToken: "" });
      const push = (client: LibraryClient, path: string, bytes = small) =>
        client.uploadImage(bytes, path, { arch: "amd64" });
      await expect(push(anonymous, "carol/a/b")).rejects.toMatchObject({ code: "unauthorized" });
      const carol = clientOf(site, {
        authToken: await (await site.addUser("carol")).createToken("write"),
      });
      await expect(push(carol, "alice/tools/small", buildSif({ seed: 5 }))).rejects.toMatchObject({
        code: "forbidden",
      });
      const text = new TextEncoder().encode("x".repeat(100_000));
      await expect(push(carol, "carol/a/b", text)).rejects.toMatchObject({ code: "not-a-sif" });
    });

    it("rejects with the reason of an abort, and the same push succeeds afterwards", async () => {
      const controller = new AbortController();
      const reason = new Error("stop");
      const bytes = buildSif({ seed: 77, payloadBytes: 8 * MIB });
      const progress = ({ phase, bytesDone }: TransferProgress) => {
        if (phase === "transfer" && bytesDone > 0) controller.abort(reason);
      };
      const options = { arch: "amd64" } as const;
      const aborted = clientOf(site).uploadImage(bytes, "alice/tools/aborted", {
        ...options,
        progress,
        signal: controller.signal,
      });
      await expect(aborted).rejects.toBe(reason);
      const pushed = await clientOf(site).uploadImage(bytes, "alice/tools/aborted", options);
      expect(pushed.uploaded).toBe(true);
    });
  });
});

describe.each([
  ["redirects to signed URLs", () => site],
  ["streams from the reply", () => streaming],
])("a pull from a running server that %s", (_, library) => {
  beforeAll(async () => {
    const client = clientOf(library());
    await client.uploadImage(small, "pulled/images/one", { arch: "amd64" });
    const source = await openFileSource(largePath);
    await client.uploadImage(source, "pulled/images/one", { arch: "arm64" });
    await source.close();
  }, 120_000);

  describe("when the image exists", () => {
    it("returns one stream, by tag and by hash, per arch", async () => {
      const client = clientOf(library(), { authToken: "" });
      const path = "pulled/images/one";
      expect(await bytesOf(await client.downloadImage(path, { arch: "amd64" }))).toEqual(small);
      const tag = await imageHash(small);
      expect(await bytesOf(await client.downloadImage(path, { arch: "amd64", tag }))).toEqual(
        small,
      );
    });

    it.each([
      [1, 64 * MIB],
      [4, 5 * MIB],
      [8, 1_000_003],
    ])("brings parts with concurrency %i and %i bytes each", async (concurrency, partSizeBytes) => {
      const client = clientOf(library());
      const path = join(folder, "pulled.sif");
      const options = { arch: "arm64", concurrency, partSizeBytes, force: true };
      const pulled = await pullToFile(client, { ref: "pulled/images/one:latest", path }, options);
      expect(pulled.transferred).toBe(true);
      expect(await imageHashOfFile(path)).toBe(await imageHashOfFile(largePath));
      const again = await pullToFile(client, { ref: "pulled/images/one", path }, options);
      expect(again.transferred).toBe(false);
      await rm(path);
      expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
    });

    it("returns it through the platform's fetch", async () => {
      const client = clientOf(library(), { fetch });
      const bytes = new Uint8Array(small.byteLength);
      const sink = { write: async (offset: number, chunk: Uint8Array) => bytes.set(chunk, offset) };
      const options = { arch: "amd64", partSizeBytes: 1_000, concurrency: 4 };
      await client.concurrentDownloadImage(sink, "pulled/images/one", options);
      expect(bytes).toEqual(small);
    });

    it("drives Go-shaped bars and callbacks", async () => {
      const client = clientOf(library());
      let moved = 0;
      const bar = Object.assign(new NoopProgressBar(), {
        incrBy: (bytes: number) => (moved += bytes),
      });
      const sink = { write: async () => {} };
      const options = { arch: "amd64", progress: fromProgressBar(bar) };
      await client.concurrentDownloadImage(sink, "pulled/images/one", options);
      expect(moved).toBe(small.byteLength);
      let isFinished = false;
      const callback = {
        initUpload: () => {},
        getReader: () => ({ read: () => {} }),
        terminate: () => {},
        finish: () => void (isFinished = true),
      };
      await client.uploadImage(buildSif({ seed: 90 }), "pulled/images/two", {
        arch: "amd64",
        progress: fromUploadCallback(callback),
      });
      expect(isFinished).toBe(true);
    });
  });

  describe("when it does not exist", () => {
    it("rejects with not-found and leaves no file", async () => {
      const client = clientOf(library());
      const path = join(folder, "missing.sif");
      const pulled = pullToFile(client, { ref: "pulled/images/none", path });
      await expect(pulled).rejects.toMatchObject({ code: "not-found" });
      const other = client.downloadImage("pulled/images/one", { arch: "riscv64" });
      await expect(other).rejects.toMatchObject({ code: "not-found" });
      expect(await readdir(folder)).toEqual(["large.sif"]);
    });
  });
});
