import {
  dataReply,
  errorReply,
  rangeReply,
  type RecordedRequest,
  type ScriptedLibraryOptions,
  scriptLibrary,
} from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { type ByteSink, LibraryClient, type TransferProgress } from "../index.js";

const MIB = 1024 * 1024;
const IMAGE = new Uint8Array(3 * MIB + 1_000).map((_, index) => index * 7 + (index >> 12));
const FEATURES = { partDigests: true };

function setUp(options: ScriptedLibraryOptions = {}, isReadable = true) {
  const library = scriptLibrary({ redirects: true, features: FEATURES, ...options });
  library.addImage(IMAGE);
  const warnings: (readonly [string, unknown])[] = [];
  const client = new LibraryClient({
    baseUrl: library.baseUrl,
    fetch: library.fetch,
    retry: { pause: async () => {} },
    logger: { warn: (message, fields) => void warnings.push([message, fields]) },
  });
  const bytes = new Uint8Array(IMAGE.byteLength);
  const restarts: boolean[] = [];
  const sink: ByteSink = {
    write: async (offset, chunk) => bytes.set(chunk, offset),
    ...(isReadable ? { read: async (from, length) => bytes.slice(from, from + length) } : {}),
    begin: async (_, isRestart) => {
      restarts.push(isRestart);
      return [];
    },
  };
  const events: TransferProgress[] = [];
  const progress = (event: TransferProgress) => void events.push(event);
  const pull = (more: object = {}) =>
    client.concurrentDownloadImage(sink, "e/c/n", { partSizeBytes: 2 * MIB, progress, ...more });
  return { library, pull, bytes, events, restarts, warnings };
}

type Library = ReturnType<typeof setUp>["library"];

/** The bytes at these offsets are wrong in the first `times` replies that have them. */
function damage(library: Library, offsets: readonly number[], times = 1): void {
  const left = new Map(offsets.map((offset) => [offset, times]));
  library.on(/blobs/, ({ headers }) => {
    const [, first, last] = /bytes=(\d+)-(\d+)/.exec(headers.get("range") ?? "") ?? [];
    const damaged = IMAGE.slice();
    for (const [offset, more] of left) {
      if (more === 0 || offset < Number(first) || offset > Number(last)) continue;
      left.set(offset, more - 1);
      damaged[offset] = (damaged[offset] ?? 0) ^ 1;
    }
    return rangeReply(damaged, Number(first), Number(last));
  });
}

const rangesOf = ({ requests }: Library) =>
  requests.map(({ headers }) => headers.get("range")).filter((range) => range !== null);

const digestRequests = ({ requests }: Library) =>
  requests.filter(({ url }: RecordedRequest) => url.pathname.endsWith("/_digests"));

describe("a pull of bytes that were damaged on their way", () => {
  describe("when the library has digests of parts", () => {
    it.each([
      ["a bit", [2 * MIB + 7], ["bytes=2097152-3145727"], MIB],
      ["the last byte", [3 * MIB + 999], ["bytes=3145728-3146727"], 1_000],
      [
        "bits in two parts that are not side by side",
        [5, 3 * MIB],
        ["bytes=0-1048575", "bytes=3145728-3146727"],
        MIB + 1_000,
      ],
    ])("fetches again only what is damaged: %s", async (_, offsets, again, repairedBytes) => {
      const { library, pull, bytes, restarts } = setUp();
      damage(library, offsets);
      expect(await pull()).toMatchObject({ repairedBytes, sizeBytes: IMAGE.byteLength });
      expect(Buffer.compare(bytes, IMAGE)).toBe(0);
      expect(rangesOf(library)).toEqual(["bytes=0-2097151", "bytes=2097152-3146727", ...again]);
      expect(restarts).toEqual([false]);
    });

    it("asks for no digests when nothing is damaged", async () => {
      const { library, pull } = setUp();
      expect(await pull()).toMatchObject({ repairedBytes: 0 });
      expect(digestRequests(library)).toHaveLength(0);
    });

    it("says so in its log and its progress", async () => {
      const { library, pull, events, warnings } = setUp();
      damage(library, [10]);
      await pull();
      expect(warnings).toEqual([
        [expect.any(String), expect.objectContaining({ damagedParts: 1, damagedBytes: MIB })],
      ]);
      const { phase, retries, ended } = events.at(-1) ?? {};
      expect({ phase, retries, ended }).toEqual({ phase: "verify", retries: 1, ended: "complete" });
      const again = events.filter(
        ({ phase: each, retries: count }) => each === "transfer" && count,
      );
      expect(again[0]?.bytesDone).toBe(IMAGE.byteLength - MIB);
      expect(again.at(-1)?.bytesDone).toBe(IMAGE.byteLength);
    });

    it("repairs what is damaged once more", async () => {
      const { library, pull, bytes, restarts } = setUp();
      damage(library, [10], 2);
      expect(await pull()).toMatchObject({ repairedBytes: 2 * MIB });
      expect(Buffer.compare(bytes, IMAGE)).toBe(0);
      expect(restarts).toEqual([false]);
    });

    it("fetches everything again when repairing does not help", async () => {
      const { library, pull, bytes, restarts } = setUp();
      damage(library, [10], 3);
      expect(await pull()).toMatchObject({ repairedBytes: 0 });
      expect(Buffer.compare(bytes, IMAGE)).toBe(0);
      expect(restarts).toEqual([false, true]);
    });

    it("rejects with integrity when the damage never ends", async () => {
      const { library, pull } = setUp();
      damage(library, [10], 1_000);
      await expect(pull()).rejects.toMatchObject({ code: "integrity" });
    });
  });

  describe("when what is damaged cannot be learned", () => {
    const wrong = (data: object) => () =>
      dataReply({ partSize: MIB, first: 0, digests: digests(4), ...data });
    const digests = (count: number) =>
      Array.from({ length: count }, () => `sha256:${"0".repeat(64)}`);
    it.each([
      ["has no digests", undefined, { features: {} }],
      ["has no version", undefined, { apiVersion: null }],
      ["does not find the image", () => errorReply(404), {}],
      ["refuses", () => errorReply(403), {}],
      ["never has time", () => errorReply(503, "", { "retry-after": "1" }), {}],
      ["returns too few digests", wrong({ digests: digests(3) }), {}],
      ["replies about other parts", wrong({ first: 1 }), {}],
      ["replies about parts of another size", wrong({ partSize: 2 * MIB }), {}],
      ["returns no digests", wrong({ digests: ["a", "b", "c", "d"] }), {}],
    ])("fetches everything again: the library %s", async (_, script, options) => {
      const { library, pull, bytes, restarts } = setUp(options);
      if (script !== undefined) library.on(/_digests/, script);
      damage(library, [10]);
      expect(await pull()).toMatchObject({ repairedBytes: 0 });
      expect(Buffer.compare(bytes, IMAGE)).toBe(0);
      expect(restarts).toEqual([false, true]);
    });

    it("fetches everything again: the sink cannot be read", async () => {
      const { library, pull, bytes, restarts } = setUp({}, false);
      damage(library, [10]);
      await pull();
      expect(Buffer.compare(bytes, IMAGE)).toBe(0);
      expect(restarts).toEqual([false, true]);
      expect(digestRequests(library)).toHaveLength(0);
    });
  });

  describe("when the library's own copy is what is damaged", () => {
    it("rejects with integrity: the digests agree with what arrived", async () => {
      const { library, pull } = setUp();
      const [image] = library.images.values();
      image?.bytes.set([1, 2, 3], 100);
      await expect(pull()).rejects.toMatchObject({ code: "integrity" });
      expect(rangesOf(library)).toHaveLength(4);
    });
  });

  describe("when it is aborted while the digests are asked for", () => {
    it("rejects with the signal's reason", async () => {
      const { library, pull } = setUp();
      const abort = new AbortController();
      damage(library, [10]);
      library.on(/_digests/, () => {
        abort.abort(new Error("enough"));
        return undefined;
      });
      await expect(pull({ signal: abort.signal })).rejects.toThrow("enough");
    });
  });
});
