import { createHash } from "node:crypto";

import {
  dataReply,
  errorReply,
  type ScriptedLibrary,
  type ScriptedLibraryOptions,
  scriptLibrary,
} from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import {
  type ByteSource,
  LibraryClient,
  type LibraryClientOptions,
  LibraryError,
  type TransferProgress,
} from "../index.js";

const MIB = 1024 * 1024;
const SMALL = new TextEncoder().encode("a small image");
const SHA256_OF_SMALL = createHash("sha256").update(SMALL).digest("hex");

/** More than the 64 MiB up to which an image is sent as a whole, without holding it. */
const LARGE_SIZE = 65 * MIB + 1;
const BLOCK = new Uint8Array(MIB).fill(7);

function largeSource(): ByteSource {
  return { size: LARGE_SIZE, read: async (_, length) => BLOCK.subarray(0, length) };
}

function setUp(options: ScriptedLibraryOptions = {}, settings: Partial<LibraryClientOptions> = {}) {
  const library = scriptLibrary(options);
  const { baseUrl, fetch } = library;
  const client = new LibraryClient({
    baseUrl,
    fetch,
    authToken: "canary",
    retry: false,
    ...settings,
  });
  const push = (more: object = {}, source: Uint8Array | ByteSource = SMALL) =>
    client.uploadImage(source, "e/c/n", { arch: "amd64", ...more });
  return { library, client, push };
}

/** The calls of a push without ids. */
function shapeOf(library: ScriptedLibrary): string[] {
  return library.calls().map((call) => call.replaceAll(/\b[0-9a-f]{24}\b/g, "ID"));
}

const FOUND = [
  "GET /v1/entities/e",
  "POST /v1/entities",
  "GET /v1/collections/e/c",
  "POST /v1/collections",
  "GET /v1/containers/e/c/n",
  "POST /v1/containers",
  `GET /v1/images/e/c/n:sha256.${SHA256_OF_SMALL}`,
  "POST /v1/images",
];

describe("uploadImage", () => {
  describe("when the library takes single uploads", () => {
    it("finds or creates everything, sends the bytes to the presigned URL, completes and tags", async () => {
      const { library, push } = setUp();
      const pushed = await push({ tags: ["latest", "v1"], description: "mine" });
      expect(shapeOf(library)).toEqual([
        ...FOUND,
        "GET /version",
        "POST /v2/imagefile/ID",
        "PUT /uploads/ID",
        "PUT /v2/imagefile/ID/_complete",
        "GET /v2/tags/ID",
        "POST /v2/tags/ID",
        "POST /v2/tags/ID",
      ]);
      expect(pushed).toMatchObject({
        uploaded: true,
        tags: ["latest", "v1"],
        quota: { quotaTotal: 0, quotaUsage: 7 },
        containerUrl: "library/e/c/n",
        image: { hash: `sha256.${SHA256_OF_SMALL}`, uploaded: true, size: SMALL.byteLength },
      });
      expect(JSON.parse(library.requests[7]?.text ?? "")).toMatchObject({ description: "mine" });
      const started = library.requests.find(({ url }) => url.pathname.startsWith("/v2/imagefile"));
      expect(JSON.parse(started?.text ?? "")).toEqual({
        filesize: SMALL.byteLength,
        sha256sum: SHA256_OF_SMALL,
      });
      expect(library.tags.map(({ arch, tag }) => [arch, tag])).toEqual([
        ["amd64", "latest"],
        ["amd64", "v1"],
      ]);
    });

    it("sends the bytes with their length, their type and no token", async () => {
      const { library, push } = setUp();
      await push();
      const sent = library.requests.find(({ url }) => url.origin === "https://storage.example");
      expect(sent?.bodySha256).toBe(SHA256_OF_SMALL);
      expect(sent?.headers.get("content-length")).toBe(String(SMALL.byteLength));
      expect(sent?.headers.get("content-type")).toBe("application/octet-stream");
      expect(sent?.headers.has("authorization")).toBe(false);
      expect(sent?.headers.has("x-amz-content-sha256")).toBe(false);
      expect(sent?.init).toMatchObject({ redirect: "error", duplex: "half", window: null });
    });

    it("keeps the token from an upload URL at the library itself", async () => {
      const { library, push } = setUp();
      const uploadURL = "https://library.example/uploads/x?sig=1";
      library.on(/POST \/v2\/imagefile\/[^/]+$/, () => dataReply({ uploadURL }));
      await push();
      const sent = library.requests.find(({ url }) => url.pathname === "/uploads/x");
      expect(sent?.headers.has("authorization")).toBe(false);
    });

    it("sends the hash along when the URL's signature covers it", async () => {
      const { library, push } = setUp();
      const query = "X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-content-sha256";
      const uploadURL = `https://storage.example/uploads/x?${query}`;
      library.on(/POST \/v2\/imagefile\/[^/]+$/, () => dataReply({ uploadURL }));
      await push();
      const sent = library.requests.find(({ url }) => url.pathname === "/uploads/x");
      expect(sent?.headers.get("x-amz-content-sha256")).toBe(SHA256_OF_SMALL);
    });

    it("takes an empty reply to the completion as success", async () => {
      const { library, push } = setUp();
      library.on(/_complete$/, () => new Response(null, { status: 204 }));
      const pushed = await push();
      expect(pushed.uploaded).toBe(true);
      expect(pushed).not.toHaveProperty("quota");
    });

    it("takes an empty image, a Blob and an ArrayBuffer", async () => {
      for (const source of [new Uint8Array(), new Blob([SMALL]), SMALL.slice().buffer]) {
        const { client, library } = setUp();
        await client.uploadImage(source, "e/c/n", { arch: "amd64" });
        const size = source instanceof Blob ? source.size : source.byteLength;
        expect(library.requests.find(({ url }) => url.origin.includes("storage"))?.bodyBytes).toBe(
          size,
        );
      }
    });
  });

  describe("when the library has the image", () => {
    it("sends no byte and sets the tags", async () => {
      const { library, push } = setUp();
      library.addImage(SMALL);
      const pushed = await push({ tags: ["v2"] });
      expect(pushed).toMatchObject({ uploaded: false, tags: ["v2"] });
      expect(library.requests.some(({ bodyBytes }) => bodyBytes === SMALL.byteLength)).toBe(false);
      expect(library.tags.at(-1)).toMatchObject({ arch: "amd64", tag: "v2" });
    });

    it("asks for nothing more when there is no tag to set", async () => {
      const { library, push } = setUp();
      library.addImage(SMALL);
      await push({ tags: [] });
      expect(shapeOf(library).at(-1)).toMatch(/^GET \/v1\/images/);
    });
  });

  describe("when the library is old", () => {
    it.each([
      ["has no version", null],
      ["says an old version", "1.9.9"],
      ["says what is no version", "v2.0.0"],
      ["says nothing", ""],
    ])("sends all in one request and sets plain tags if it %s", async (_, apiVersion) => {
      const { library, push } = setUp({ apiVersion });
      const pushed = await push({}, largeSource());
      expect(shapeOf(library).slice(8)).toEqual([
        "GET /version",
        "POST /v1/imagefile/ID",
        "GET /v1/tags/ID",
        "POST /v1/tags/ID",
      ]);
      const sent = library.requests.find(({ url }) => url.pathname.startsWith("/v1/imagefile"));
      expect(sent?.headers.get("authorization")).toBe("Bearer canary");
      expect(sent?.bodyBytes).toBe(LARGE_SIZE);
      expect(pushed).not.toHaveProperty("quota");
      expect(library.tags).toEqual([{ arch: "", tag: "latest", imageId: pushed.image.id }]);
    });

    it("sets plain tags if it has uploads by URL but no arch tags", async () => {
      const { library, push } = setUp({ apiVersion: "2.0.0-alpha.1" });
      await push();
      expect(shapeOf(library).slice(-3)).toEqual([
        "PUT /v2/imagefile/ID/_complete",
        "GET /v1/tags/ID",
        "POST /v1/tags/ID",
      ]);
    });
  });

  describe("when the version cannot be told", () => {
    it.each<[string, () => Response, string]>([
      ["fails", () => errorReply(503), "unavailable"],
      ["refuses", () => errorReply(401), "unauthorized"],
      ["replies with a page", () => new Response("<html>"), "protocol"],
    ])("rejects and sends nothing if the library %s", async (_, reply, code) => {
      const { library, push } = setUp();
      library.on(/version/, reply);
      await expect(push()).rejects.toMatchObject({ code });
      expect(library.requests.every(({ bodyBytes }) => bodyBytes !== SMALL.byteLength)).toBe(true);
    });
  });

  describe("when the library sets tags at once", () => {
    it("sends one request for all", async () => {
      const { library, push } = setUp({ features: { atomicTags: true } });
      const { image } = await push({ tags: ["latest", "v1", "v1"] });
      expect(shapeOf(library).at(-1)).toBe("PUT /v2/tags/ID");
      expect(JSON.parse(library.requests.at(-1)?.text ?? "")).toEqual({
        tags: ["latest", "v1"].map((Tag) => ({ Arch: "amd64", Tag, ImageID: image.id })),
      });
    });
  });

  describe("when the library takes large images in parts", () => {
    it("sends every part with its own hash and completes with the ETags", async () => {
      const { library, push } = setUp();
      await push({}, largeSource());
      const parts = library.requests.filter(({ url }) => url.pathname.startsWith("/uploads/"));
      expect(parts.map(({ bodyBytes }) => bodyBytes)).toEqual(
        [16, 16, 16, 16].map((n) => n * MIB).concat(MIB + 1),
      );
      for (const part of parts) {
        expect(part.headers.get("x-amz-content-sha256")).toBe(part.bodySha256);
        expect(part.headers.get("content-length")).toBe(String(part.bodyBytes));
        expect(part.headers.has("content-type")).toBe(false);
        expect(part.headers.has("authorization")).toBe(false);
      }
      const announced = library.requests.filter(
        ({ text }) => text.includes("partNumber") && text.includes("sha256sum"),
      );
      expect(announced.map(({ text }) => JSON.parse(text))).toEqual(
        parts.map((part, index) => ({
          partSize: part.bodyBytes,
          uploadID: "upload-1",
          partNumber: index + 1,
          sha256sum: part.bodySha256,
        })),
      );
      const completed = library.requests.find(({ url }) =>
        url.pathname.endsWith("_multipart_complete"),
      );
      expect(JSON.parse(completed?.text ?? "")).toEqual({
        uploadID: "upload-1",
        completedParts: [1, 2, 3, 4, 5].map((n) => ({ partNumber: n, token: `"etag-${n}"` })),
      });
    });

    it.each([
      [{ s3compliant: "false" }, false],
      [{ s3compliant: "true" }, true],
      [{ s3compliant: "" }, true],
      [{ other: "false" }, true],
    ])("hashes parts by the option %o", async (uploadOptions, isHashed) => {
      const { library, push } = setUp({ uploadOptions: { ...uploadOptions } });
      await push({}, largeSource());
      const part = library.requests.find(({ url }) => url.pathname.startsWith("/uploads/"));
      expect(part?.headers.has("x-amz-content-sha256")).toBe(isHashed);
      const announced = library.requests.find(({ text }) => text.includes("sha256sum"));
      expect(JSON.parse(announced?.text ?? "").sha256sum !== "").toBe(isHashed);
    });

    it("sends all at once when the library has no parts", async () => {
      const { library, push } = setUp({ partSize: 0 });
      await push({}, largeSource());
      expect(shapeOf(library).slice(9, 13)).toEqual([
        "POST /v2/imagefile/ID/_multipart",
        "POST /v2/imagefile/ID",
        "PUT /uploads/ID",
        "PUT /v2/imagefile/ID/_complete",
      ]);
    });

    it.each([
      ["too few parts", { uploadID: "u", totalParts: 4, partSize: 16 * MIB }],
      ["too many parts", { uploadID: "u", totalParts: 6, partSize: 16 * MIB }],
      ["parts of no size", { uploadID: "u", totalParts: 5, partSize: 0 }],
      ["parts of a negative size", { uploadID: "u", totalParts: 5, partSize: -1 }],
      [
        "more parts than can be",
        { uploadID: "u", totalParts: Math.ceil(LARGE_SIZE / 4096), partSize: 4096 },
      ],
      ["no id", { uploadID: "", totalParts: 5, partSize: 16 * MIB }],
    ])("rejects a plan of %s before a byte is sent", async (_, plan) => {
      const { library, push } = setUp();
      library.on(/_multipart$/, ({ method }) => (method === "POST" ? dataReply(plan) : undefined));
      await expect(push({}, largeSource())).rejects.toMatchObject({ code: "protocol" });
      expect(library.calls().some((call) => call.includes("/uploads/"))).toBe(false);
    });

    it.each<[string, RegExp, number, string]>([
      ["a part's URL is refused", /PUT .*_multipart$/, 404, "not-found"],
      ["a part is refused", /uploads\/.*\/3$/, 403, "forbidden"],
      ["the completion is refused", /_multipart_complete$/, 422, "digest-mismatch"],
    ])("aborts the upload and starts no other if %s", async (_, pattern, status, code) => {
      const { library, push } = setUp();
      library.on(pattern, () => errorReply(status, "no"));
      await expect(push({}, largeSource())).rejects.toMatchObject({ code, status });
      expect(shapeOf(library).at(-1)).toBe("PUT /v2/imagefile/ID/_multipart_abort");
      expect(shapeOf(library).filter((call) => call.startsWith("POST /v2/imagefile"))).toHaveLength(
        1,
      );
    });

    it("rejects with what failed first when the abort fails too", async () => {
      const { library, push } = setUp();
      library.on(/uploads\//, () => errorReply(403));
      library.on(/_multipart_abort/, () => errorReply(500));
      await expect(push({}, largeSource())).rejects.toMatchObject({ code: "forbidden" });
    });

    it("aborts the upload although the caller's signal has aborted, and rejects with its reason", async () => {
      const { library, push } = setUp();
      const controller = new AbortController();
      const reason = new Error("stop");
      library.on(/uploads\/.*\/2$/, () => {
        controller.abort(reason);
        return undefined;
      });
      const pushed = push({ signal: controller.signal }, largeSource());
      await expect(pushed).rejects.toBe(reason);
      expect(shapeOf(library).at(-1)).toBe("PUT /v2/imagefile/ID/_multipart_abort");
    });
  });

  describe("when an upload URL must not be used", () => {
    it.each([
      ["http://storage.example/uploads/x", "redirect-refused"],
      ["ftp://storage.example/x", "redirect-refused"],
      ["https://127.0.0.1/x", "redirect-refused"],
      ["https://u:p@storage.example/x", "redirect-refused"],
      ["https://[", "protocol"],
    ])("rejects %s with %s and sends nothing", async (uploadURL, code) => {
      const { library, push } = setUp();
      library.on(/POST \/v2\/imagefile/, () => dataReply({ uploadURL }));
      await expect(push()).rejects.toMatchObject({ code });
      expect(library.requests.every(({ bodyBytes }) => bodyBytes !== SMALL.byteLength)).toBe(true);
    });

    it.each(["", "/uploads/x", "uploads/x"])("rejects the relative URL %j", async (uploadURL) => {
      const { library, push } = setUp();
      library.on(/POST \/v2\/imagefile/, () => dataReply({ uploadURL }));
      await expect(push()).rejects.toMatchObject({ code: "protocol" });
    });
  });

  describe("when the reply to the completion is lost", () => {
    const lost = () => Promise.reject(new TypeError("reset"));
    const pages: [
      string,
      RegExp,
      () => Response | Promise<Response>,
      ScriptedLibraryOptions & { readonly isLarge?: boolean },
    ][] = [
      ["single upload, connection lost", /_complete$/, lost, {}],
      ["single upload, gateway failed", /_complete$/, () => errorReply(502), {}],
      ["multipart upload, connection lost", /_multipart_complete$/, lost, { isLarge: true }],
      [
        "multipart upload, empty reply",
        /_multipart_complete$/,
        () => new Response(null, { status: 204 }),
        { isLarge: true },
      ],
      ["v1 upload, connection lost", /v1\/imagefile/, lost, { apiVersion: "1.0.0" }],
    ];
    it.each(pages)(
      "asks whether the image is there: %s",
      async (_, pattern, reply, { isLarge = false, ...options }) => {
        const { library, push } = setUp(options);
        const size = isLarge ? LARGE_SIZE : SMALL.byteLength;
        library.on(pattern, ({ url }) => {
          const image = library.images.get(url.pathname.split("/")[3] ?? "");
          Object.assign(image?.record ?? {}, { uploaded: true, size });
          return reply();
        });
        await expect(push({}, isLarge ? largeSource() : SMALL)).resolves.toMatchObject({
          uploaded: true,
        });
        expect(library.calls().some((call) => call.includes("abort"))).toBe(false);
      },
    );

    it.each(pages)(
      "rejects if it is not there: %s",
      async (_, pattern, reply, { isLarge = false, ...options }) => {
        const { library, push } = setUp(options);
        library.on(pattern, reply);
        await expect(push({}, isLarge ? largeSource() : SMALL)).rejects.toBeInstanceOf(
          LibraryError,
        );
        expect(library.tags).toEqual([]);
      },
    );

    it.each([false, true])("sees it if no reply comes at all, large: %s", async (isLarge) => {
      const { library, push } = setUp({}, { completionTimeoutMs: 60_000 });
      const size = isLarge ? LARGE_SIZE : SMALL.byteLength;
      library.on(/_complete$/, ({ url }) => {
        const image = library.images.get(url.pathname.split("/")[3] ?? "");
        Object.assign(image?.record ?? {}, { uploaded: true, size });
        return new Promise(() => {});
      });
      const pushed = push({}, isLarge ? largeSource() : SMALL);
      await expect(pushed).resolves.toMatchObject({ uploaded: true });
      expect(library.calls().some((call) => call.includes("abort"))).toBe(false);
    });

    it("rejects if the image that is there has another size", async () => {
      const { library, push } = setUp();
      library.on(/_complete$/, ({ url }) => {
        const image = library.images.get(url.pathname.split("/")[3] ?? "");
        Object.assign(image?.record ?? {}, { uploaded: true, size: 5 });
        return errorReply(502);
      });
      await expect(push()).rejects.toMatchObject({ code: "internal" });
    });
  });

  describe("when others create the same at the same time", () => {
    it("takes what they created", async () => {
      const { library, push } = setUp();
      for (const kind of ["entities", "collections", "containers", "images"]) {
        let isTaken = false;
        library.on(new RegExp(`^POST /v1/${kind}$`), () => {
          isTaken = true;
          return errorReply(409, "it is there");
        });
        library.on(new RegExp(`^GET /v1/${kind}/`), () =>
          isTaken ? dataReply({ id: `${kind}-1` }) : undefined,
        );
      }
      const pushed = await push();
      expect(pushed.image.id).toBe("images-1");
    });
  });

  describe("when the container has to be private", () => {
    it("creates it private", async () => {
      const { library, push } = setUp();
      await push({ private: true });
      const created = library.requests.find(({ text }) => text.includes('"collection"'));
      expect(JSON.parse(created?.text ?? "")).toMatchObject({ private: true });
    });

    it.each(["GET", "POST"])(
      "rejects with conflict before a byte is sent if %s says it is public",
      async (method) => {
        const { library, push } = setUp();
        library.on(new RegExp(`^${method} /v1/containers`), () =>
          dataReply({ id: "c1", private: false }),
        );
        await expect(push({ private: true })).rejects.toMatchObject({ code: "conflict" });
        expect(library.calls().some((call) => call.includes("images"))).toBe(false);
      },
    );
  });

  describe("when a tag fails", () => {
    it("says which tags were set before", async () => {
      const { library, push } = setUp();
      library.on(/POST \/v2\/tags/, ({ text }) =>
        text.includes("v2") ? errorReply(403) : undefined,
      );
      const pushed = push({ tags: ["v1", "v2", "v3"] });
      await expect(pushed).rejects.toMatchObject({ code: "forbidden", tagsSet: ["v1"] });
    });
  });

  describe("when an argument is not valid", () => {
    it.each<[string, unknown[], string]>([
      ["two names", [SMALL, "c/n", { arch: "amd64" }], "ref-path-not-valid"],
      ["a tag in the path", [SMALL, "e/c/n:v1", { arch: "amd64" }], "ref-path-not-valid"],
      ["a capital", [SMALL, "E/c/n", { arch: "amd64" }], "ref-path-not-valid"],
      ["a path trick", [SMALL, "e/../n", { arch: "amd64" }], "ref-path-not-valid"],
      ["no arch", [SMALL, "e/c/n", {}], "option-not-valid"],
      ["no options", [SMALL, "e/c/n"], "option-not-valid"],
      [
        "tags that are one text",
        [SMALL, "e/c/n", { arch: "amd64", tags: "v1" }],
        "option-not-valid",
      ],
      ["an unknown arch", [SMALL, "e/c/n", { arch: "unknown" }], "option-not-valid"],
      [
        "a tag that is no name",
        [SMALL, "e/c/n", { arch: "amd64", tags: ["a b"] }],
        "tag-not-valid",
      ],
      [
        "a tag that is a hash",
        [SMALL, "e/c/n", { arch: "amd64", tags: [`sha256.${SHA256_OF_SMALL}`] }],
        "tag-not-valid",
      ],
      ["a source that is none", ["image.sif", "e/c/n", { arch: "amd64" }], "option-not-valid"],
    ])("rejects %s before any request", async (_, args, code) => {
      const { library, client } = setUp();
      const pushed = Reflect.apply(client.uploadImage.bind(client), undefined, args);
      await expect(pushed).rejects.toMatchObject({ code });
      expect(library.requests).toEqual([]);
    });
  });

  describe("when the source fails", () => {
    it("rejects with the source's error while it is hashed and while it is sent", async () => {
      for (const goodReads of [0, 1]) {
        let reads = 0;
        const failure = new Error("disk");
        const source: ByteSource = {
          size: SMALL.byteLength,
          read: async () => (reads++ < goodReads ? SMALL : Promise.reject(failure)),
        };
        await expect(setUp().push({}, source)).rejects.toBe(failure);
        expect(reads).toBe(goodReads + 1);
      }
    });

    it("rejects with source-changed when it gives too few bytes, and completes nothing when it says so", async () => {
      const short: ByteSource = { size: 10, read: async () => new Uint8Array(3) };
      await expect(setUp().push({}, short)).rejects.toMatchObject({ code: "source-changed" });
      const { library, push } = setUp();
      const changed = new LibraryError("source-changed", "it changed");
      const source: ByteSource = {
        size: SMALL.byteLength,
        read: async () => SMALL,
        assertUnchanged: () => Promise.reject(changed),
      };
      await expect(push({}, source)).rejects.toBe(changed);
      expect(library.calls().some((call) => call.endsWith("_complete"))).toBe(false);
    });
  });

  describe("when progress is asked for", () => {
    it("tells phases in order, bytes that never go back, and the end", async () => {
      const { push } = setUp();
      const events: TransferProgress[] = [];
      await push({ progress: (event: TransferProgress) => events.push(event) }, largeSource());
      expect([...new Set(events.map(({ phase }) => phase))]).toEqual(["hash", "transfer"]);
      for (const phase of ["hash", "transfer"]) {
        const done = events
          .filter((event) => event.phase === phase)
          .map(({ bytesDone }) => bytesDone);
        expect(done).toEqual(done.toSorted((a, b) => a - b));
        expect(done.at(-1)).toBe(LARGE_SIZE);
      }
      expect(events.filter(({ ended }) => ended !== undefined)).toEqual([events.at(-1)]);
      expect(events.at(-1)?.ended).toBe("complete");
    });

    it("tells that it failed", async () => {
      const { library, push } = setUp();
      library.on(/uploads/, () => errorReply(507));
      const events: TransferProgress[] = [];
      const pushed = push({ progress: (event: TransferProgress) => events.push(event) });
      await expect(pushed).rejects.toMatchObject({ code: "storage-full" });
      expect(events.at(-1)?.ended).toBe("failed");
    });
  });
});
