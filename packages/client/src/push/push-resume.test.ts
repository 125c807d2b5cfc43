import {
  dataReply,
  errorReply,
  type ScriptedLibrary,
  type ScriptedLibraryOptions,
  scriptLibrary,
} from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { type ByteSource, LibraryClient, type TransferProgress } from "../index.js";

const MIB = 1024 * 1024;
const SMALL = new TextEncoder().encode("a small image");
/** Five parts of 16 MiB, without holding them. */
const LARGE_SIZE = 65 * MIB + 1;
const BLOCK = new Uint8Array(MIB).fill(7);
const LARGE: ByteSource = {
  size: LARGE_SIZE,
  read: async (_, length) => BLOCK.subarray(0, length),
};

const PARALLEL = { parallelParts: true };
const RESUMABLE = { parallelParts: true, resumableUploads: true };

function setUp(options: ScriptedLibraryOptions = {}) {
  const library = scriptLibrary(options);
  const { baseUrl, fetch } = library;
  const retry = { baseDelayMs: 0 };
  const client = new LibraryClient({ baseUrl, fetch, authToken: "canary", retry });
  const push = (source: Uint8Array | ByteSource = SMALL, more: object = {}) =>
    client.uploadImage(source, "e/c/n", { arch: "amd64", ...more });
  return { library, push };
}

function shapeOf(library: ScriptedLibrary): string[] {
  return library.calls().map((call) => call.replaceAll(/\b[0-9a-f]{24}\b/g, "ID"));
}

/** Numbers of the parts whose bytes were sent, sorted. */
function partsSent(library: ScriptedLibrary): number[] {
  return shapeOf(library)
    .filter((call) => call.startsWith("PUT /uploads/"))
    .map((call) => Number(call.split("/").at(-1)))
    .toSorted((a, b) => a - b);
}

function count(library: ScriptedLibrary, call: string): number {
  return shapeOf(library).filter((each) => each === call).length;
}

/** A state in which these parts have arrived. */
function stateOf(partNumbers: readonly number[], change: object = {}) {
  return {
    uploadID: "upload-0",
    filesize: LARGE_SIZE,
    totalParts: 5,
    partSize: 16 * MIB,
    options: { s3compliant: "true" },
    parts: partNumbers.map((partNumber) => ({
      partNumber,
      partSize: 16 * MIB,
      token: `"stored-${partNumber}"`,
    })),
    ...change,
  };
}

function failFirst(library: ScriptedLibrary, pattern: RegExp, fail: () => Response): void {
  let hasFailed = false;
  library.on(pattern, () => {
    if (hasFailed) return undefined;
    hasFailed = true;
    return fail();
  });
}

/** The library does what the request says, and its reply is lost. */
function loseFirstReply(library: ScriptedLibrary, fetch: typeof library.fetch, pattern: RegExp) {
  let isLost = false;
  return async (input: string | URL, init: RequestInit = {}) => {
    const reply = await fetch(input, init);
    const call = `${init.method} ${new URL(input).pathname}`;
    if (isLost || !pattern.test(call)) return reply;
    isLost = true;
    throw new TypeError("reset");
  };
}

describe("uploadImage", () => {
  describe("when a request fails in passing", () => {
    it.each([
      ["a look-up", /GET \/v1\/entities/],
      ["a creation", /POST \/v1\/containers/],
      ["the question for the version", /GET \/version/],
      ["the request for the URL", /POST \/v2\/imagefile/],
      ["the bytes", /PUT \/uploads\//],
      ["the completion", /_complete$/],
      ["a tag", /POST \/v2\/tags/],
    ])("makes it again: %s", async (_, pattern) => {
      const { library, push } = setUp();
      failFirst(library, pattern, () => errorReply(503, "", { "retry-after": "0" }));
      await expect(push()).resolves.toMatchObject({ uploaded: true });
      expect(library.tags).toHaveLength(1);
    });

    it.each([400, 409, 413, 422, 507])(
      "gives up at once when the bytes are refused with %i",
      async (status) => {
        const { library, push } = setUp();
        library.on(/PUT \/uploads\//, () => errorReply(status));
        await expect(push()).rejects.toMatchObject({ status });
        expect(count(library, "PUT /uploads/ID")).toBe(1);
      },
    );

    it("gives up after as many tries as the policy allows", async () => {
      const { library, push } = setUp();
      library.on(/PUT \/uploads\//, () => errorReply(502));
      await expect(push()).rejects.toMatchObject({ status: 502 });
      expect(count(library, "PUT /uploads/ID")).toBe(6);
    });
  });

  describe("when the reply to a request is lost", () => {
    it.each([
      ["a creation", /POST \/v1\/containers/],
      ["the completion", /_complete$/],
      ["a tag", /POST \/v2\/tags/],
    ])("ends as if it had come: %s", async (_, pattern) => {
      const library = scriptLibrary();
      const fetch = loseFirstReply(library, library.fetch, pattern);
      const { baseUrl } = library;
      const client = new LibraryClient({ baseUrl, fetch, retry: { baseDelayMs: 0 } });
      const pushed = await client.uploadImage(SMALL, "e/c/n", { arch: "amd64" });
      expect(pushed).toMatchObject({ uploaded: true, tags: ["latest"] });
      expect(count(library, "PUT /v2/imagefile/ID/_complete")).toBe(1);
    });
  });

  describe("when the library takes parts in any order", () => {
    it("sends several at a time, and completes with all in order", async () => {
      const { library, push } = setUp({ features: PARALLEL });
      let underWay = 0;
      const open: (() => void)[] = [];
      library.on(/PUT \/uploads\//, async () => {
        underWay += 1;
        await new Promise<void>((resolve) => {
          open.push(resolve);
          if (underWay >= 4) for (const release of open) release();
        });
        return undefined;
      });
      // Four in progress open the gate; fewer would wait for each other forever.
      await push(LARGE);
      const completion = library.requests.find(({ text }) => text.includes("completedParts"));
      const { completedParts } = JSON.parse(completion?.text ?? "");
      expect(completedParts).toEqual(
        [1, 2, 3, 4, 5].map((partNumber) => ({ partNumber, token: `"etag-${partNumber}"` })),
      );
    });
  });

  describe("when the library does not say so", () => {
    it("sends part after part", async () => {
      const { library, push } = setUp();
      let underWay = 0;
      let most = 0;
      library.on(/PUT \/uploads\//, async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        return undefined;
      });
      await push(LARGE);
      expect(most).toBe(1);
      expect(partsSent(library)).toEqual([1, 2, 3, 4, 5]);
      expect(shapeOf(library)).not.toContain("GET /v2/imagefile/ID/_multipart");
    });
  });

  describe("when an earlier push left an upload open", () => {
    it("sends only the parts that are missing, and completes with all", async () => {
      const { library, push } = setUp({ features: RESUMABLE });
      library.on(/GET .*_multipart$/, () => dataReply(stateOf([1, 3])));
      const events: TransferProgress[] = [];
      await push(LARGE, { progress: (event: TransferProgress) => events.push(event) });
      expect(partsSent(library)).toEqual([2, 4, 5]);
      expect(count(library, "POST /v2/imagefile/ID/_multipart")).toBe(0);
      const completion = library.requests.find(({ text }) => text.includes("completedParts"));
      expect(JSON.parse(completion?.text ?? "")).toMatchObject({
        uploadID: "upload-0",
        completedParts: [
          { partNumber: 1, token: '"stored-1"' },
          { partNumber: 2, token: '"etag-2"' },
          { partNumber: 3, token: '"stored-3"' },
          { partNumber: 4, token: '"etag-4"' },
          { partNumber: 5, token: '"etag-5"' },
        ],
      });
      const done = events
        .filter(({ phase }) => phase === "transfer")
        .map((event) => event.bytesDone);
      expect(done.toSorted((a, b) => a - b)).toEqual(done);
      expect(done.at(-1)).toBe(LARGE_SIZE);
    });

    it.each<[string, () => Response]>([
      ["there is none", () => errorReply(409, "closed")],
      ["it is of another size", () => dataReply(stateOf([1], { filesize: LARGE_SIZE + 1 }))],
    ])("begins a new one if %s", async (_, reply) => {
      const { library, push } = setUp({ features: RESUMABLE });
      library.on(/GET .*_multipart$/, () => {
        const response = reply();
        if (response.status !== 409) return response;
        return Response.json(
          { error: { code: 409, message: "closed", reason: "upload-closed" } },
          { status: 409 },
        );
      });
      await push(LARGE);
      expect(count(library, "POST /v2/imagefile/ID/_multipart")).toBe(1);
      expect(partsSent(library)).toEqual([1, 2, 3, 4, 5]);
    });

    it("gives it up and begins a new one, once, if the whole turns out to be wrong", async () => {
      const { library, push } = setUp({ features: RESUMABLE });
      library.on(/GET .*_multipart$/, () => dataReply(stateOf([1, 2, 3, 4])));
      failFirst(library, /_multipart_complete$/, () => errorReply(422));
      await expect(push(LARGE)).resolves.toMatchObject({ uploaded: true });
      expect(count(library, "PUT /v2/imagefile/ID/_multipart_abort")).toBe(1);
      expect(partsSent(library)).toEqual([1, 2, 3, 4, 5, 5]);
    });

    it("rejects if that is wrong too", async () => {
      const { library, push } = setUp({ features: RESUMABLE });
      library.on(/GET .*_multipart$/, () => dataReply(stateOf([1, 2, 3, 4])));
      library.on(/_multipart_complete$/, () => errorReply(422));
      await expect(push(LARGE)).rejects.toMatchObject({ code: "digest-mismatch" });
      expect(count(library, "PUT /v2/imagefile/ID/_multipart_complete")).toBe(2);
    });
  });

  describe("when a part fails", () => {
    it("sends that part alone again", async () => {
      const { library, push } = setUp({ features: PARALLEL });
      failFirst(library, /uploads\/.*\/3$/, () => errorReply(500));
      await push(LARGE);
      expect(partsSent(library)).toEqual([1, 2, 3, 3, 4, 5]);
    });

    it("does not send it again if it has arrived all the same", async () => {
      const library = scriptLibrary({ features: RESUMABLE });
      const fetch = loseFirstReply(library, library.fetch, /uploads\/.*\/3$/);
      library.on(/GET .*_multipart$/, ({ url }) =>
        url.searchParams.get("uploadID") === null
          ? errorReply(404)
          : dataReply(stateOf([3], { uploadID: "upload-1" })),
      );
      const { baseUrl } = library;
      const client = new LibraryClient({ baseUrl, fetch, retry: { baseDelayMs: 0 } });
      await client.uploadImage(LARGE, "e/c/n", { arch: "amd64" });
      expect(partsSent(library)).toEqual([1, 2, 3, 4, 5]);
    });
  });

  describe("when it is interrupted", () => {
    it("leaves the upload open for the next push of the same image", async () => {
      const { library, push } = setUp({ features: RESUMABLE });
      const controller = new AbortController();
      const reason = new Error("stop");
      library.on(/uploads\/.*\/2$/, () => {
        controller.abort(reason);
        return undefined;
      });
      await expect(push(LARGE, { signal: controller.signal })).rejects.toBe(reason);
      expect(count(library, "PUT /v2/imagefile/ID/_multipart_abort")).toBe(0);
    });
  });

  describe("when the upload is closed meanwhile", () => {
    const closed = () =>
      Response.json(
        { error: { code: 409, message: "closed", reason: "upload-closed" } },
        { status: 409 },
      );

    it("begins a new one", async () => {
      const { library, push } = setUp({ features: RESUMABLE });
      failFirst(library, /uploads\/.*\/5$/, closed);
      await expect(push(LARGE)).resolves.toMatchObject({ uploaded: true });
      expect(count(library, "POST /v2/imagefile/ID/_multipart")).toBe(2);
    });

    it("is content if somebody else has completed it", async () => {
      const { library, push } = setUp({ features: RESUMABLE });
      library.on(/_multipart_complete$/, ({ url }) => {
        const image = library.images.get(url.pathname.split("/")[3] ?? "");
        Object.assign(image?.record ?? {}, { uploaded: true, size: LARGE_SIZE });
        return closed();
      });
      await expect(push(LARGE)).resolves.toMatchObject({ uploaded: true });
      expect(count(library, "POST /v2/imagefile/ID/_multipart")).toBe(1);
    });
  });
});
