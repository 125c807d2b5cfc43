import { createHash } from "node:crypto";

import {
  bytesReply,
  errorReply,
  rangeReply,
  type RecordedRequest,
  type ScriptedLibraryOptions,
  scriptLibrary,
} from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { LibraryClient } from "../index.js";

const KIB = 1024;
const IMAGE = new Uint8Array(40 * KIB * KIB).map((_, index) => (index * 7) ^ (index >> 12));
const HASH = `sha256.${createHash("sha256").update(IMAGE).digest("hex")}`;
const NO_PAUSE = { maxAttempts: 3, baseDelayMs: 0, maxDelayMs: 0 };

async function setUp(options: ScriptedLibraryOptions = { redirects: true }) {
  const library = scriptLibrary(options);
  library.addImage(IMAGE);
  const { baseUrl, fetch } = library;
  const client = new LibraryClient({ baseUrl, fetch, authToken: "canary", retry: NO_PAUSE });
  return { library, source: await client.openImage("library://e/c/n:latest", { arch: "amd64" }) };
}

const boundsOf = ({ headers }: RecordedRequest) =>
  (headers.get("range") ?? "").match(/\d+/g)?.map(Number) ?? [0, -1];

describe("openImage", () => {
  describe("when the storage has ranges", () => {
    it("returns a source of the image's size with the library's record", async () => {
      const { source, library } = await setUp();
      expect(source.size).toBe(IMAGE.byteLength);
      expect(source.image.hash).toBe(HASH);
      expect(library.calls()).toEqual(["GET /v1/images/e/c/n:latest"]);
    });

    it("asks for the bytes by hash, and leaves the token behind at the storage", async () => {
      const { source, library } = await setUp();
      await source.read(0, 128);
      expect(library.calls()[1]).toBe(`GET /v1/imagefile/e/c/n:${HASH}`);
      expect(library.requests[2]?.url.host).toBe("storage.example");
      expect(library.requests[2]?.headers.has("authorization")).toBe(false);
    });

    it("returns the bytes of every range", async () => {
      const { source } = await setUp();
      const ranges = [
        [0, 128],
        [4_096, 28_080],
        [IMAGE.byteLength - 1, 1],
        [IMAGE.byteLength, 0],
        [65_500, 100],
        [3 * KIB * KIB, KIB * KIB],
        [200_000, 9 * KIB * KIB],
        [0, 1],
      ] as const;
      for (const [offset, length] of ranges) {
        const expected = IMAGE.subarray(offset, offset + length);
        expect(Buffer.compare(await source.read(offset, length), expected)).toBe(0);
      }
    });

    it("costs one small request for reads near the beginning, and resolves the redirect once", async () => {
      const { source, library } = await setUp();
      for (const offset of [0, 4_096, 32_176, 50_000]) await source.read(offset, 128);
      await source.read(20 * KIB * KIB, 100);
      const ranges = library.requests.slice(2).map(boundsOf);
      expect(library.calls().filter((call) => call.includes("imagefile"))).toHaveLength(1);
      expect(ranges).toEqual([
        [0, 64 * KIB - 1],
        [20 * KIB * KIB, 20 * KIB * KIB + 64 * KIB - 1],
      ]);
    });

    it("asks for more at a time when it is read in a row", async () => {
      const { source, library } = await setUp();
      for (let offset = 0; offset < IMAGE.byteLength; offset += KIB * KIB) {
        await source.read(offset, KIB * KIB);
      }
      const sizes = library.requests.slice(2).map(boundsOf);
      expect(sizes.length).toBeLessThan(10);
      for (const [first = 0, last = 0] of sizes) {
        expect(last - first).toBeLessThan(8 * KIB * KIB);
      }
    });

    it.each([401, 403, 404, 410])(
      "finds the bytes anew when the URL expires: %i",
      async (status) => {
        const { source, library } = await setUp();
        await source.read(0, 1);
        let isExpired = true;
        library.on(/blobs/, () => {
          const reply = isExpired ? errorReply(status) : undefined;
          isExpired = false;
          return reply;
        });
        expect(await source.read(KIB * KIB, 3)).toEqual(IMAGE.subarray(KIB * KIB, KIB * KIB + 3));
        expect(library.calls().filter((call) => call.includes("imagefile"))).toHaveLength(2);
      },
    );

    it("rejects when a fresh URL is refused", async () => {
      const { source, library } = await setUp();
      library.on(/blobs/, () => errorReply(403));
      await expect(source.read(0, 1)).rejects.toMatchObject({ code: "forbidden" });
      expect(library.calls().filter((call) => call.includes("blobs"))).toHaveLength(1);
    });

    it("tries again when the connection breaks", async () => {
      const { source, library } = await setUp();
      let faults = 2;
      library.on(/blobs/, () => {
        faults -= 1;
        if (faults < 0) return undefined;
        throw new TypeError("fetch failed");
      });
      expect(await source.read(5, 2)).toEqual(IMAGE.subarray(5, 7));
    });
  });

  describe("when the storage lies about a range", () => {
    it.each<[string, (first: number, last: number) => Response]>([
      ["another range", (first, last) => rangeReply(IMAGE, first + 1, last + 1)],
      ["a short range", (first, last) => rangeReply(IMAGE, first, last - 1)],
      ["another total", (first, last) => rangeReply(IMAGE.subarray(1), first, last)],
      [
        "missing bytes",
        (first, last) =>
          new Response(IMAGE.slice(first, last), {
            status: 206,
            headers: { "content-range": `bytes ${first}-${last}/${IMAGE.byteLength}` },
          }),
      ],
      [
        "too many bytes",
        (first, last) =>
          new Response(IMAGE.slice(first, last + 2), {
            status: 206,
            headers: { "content-range": `bytes ${first}-${last}/${IMAGE.byteLength}` },
          }),
      ],
      ["a page", () => new Response("<html>", { status: 200 })],
      ["no content", () => new Response(null, { status: 204 })],
    ])("rejects %s", async (_, reply) => {
      const { source, library } = await setUp();
      library.on(/blobs/, (request) => {
        const [first = 0, last = 0] = boundsOf(request);
        return reply(first, last);
      });
      await expect(source.read(8, 16)).rejects.toMatchObject({ code: "protocol" });
    });
  });

  describe("when the library serves ranges itself", () => {
    it("keeps asking there", async () => {
      const { source, library } = await setUp({});
      library.on(/imagefile/, (request) => {
        const [first = 0, last = 0] = boundsOf(request);
        return rangeReply(IMAGE, first, last);
      });
      expect(await source.read(0, 4)).toEqual(IMAGE.subarray(0, 4));
      expect(await source.read(KIB * KIB, 4)).toEqual(IMAGE.subarray(KIB * KIB, KIB * KIB + 4));
      expect(library.requests.at(-1)?.headers.get("authorization")).toBe("Bearer canary");
    });
  });

  describe("when there are only whole images", () => {
    it("reads the front, in one request", async () => {
      const { source, library } = await setUp({});
      expect(await source.read(4_096, 10)).toEqual(IMAGE.subarray(4_096, 4_106));
      expect(await source.read(0, 10)).toEqual(IMAGE.subarray(0, 10));
      expect(await source.read(900_000, 10)).toEqual(IMAGE.subarray(900_000, 900_010));
      expect(library.requests).toHaveLength(2);
      await source.close();
    });

    it("rejects what lies far behind", async () => {
      const { source } = await setUp({ redirects: true });
      await source.close();
      const whole = await setUp({});
      whole.library.on(/imagefile/, () => bytesReply(IMAGE));
      await whole.source.read(0, 10);
      const read = whole.source.read(IMAGE.byteLength - 10, 10);
      await expect(read).rejects.toMatchObject({ code: "no-ranges" });
      await whole.source.close();
    });

    it("gives the transfer up when it is closed", async () => {
      const { source, library } = await setUp({});
      let isCancelled = false;
      library.on(/imagefile/, () => {
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(new Uint8Array(100)),
          cancel: () => void (isCancelled = true),
        });
        return new Response(body);
      });
      await source.read(0, 10);
      await source.close();
      expect(isCancelled).toBe(true);
    });

    it("rejects a reply that ends early", async () => {
      const { source, library } = await setUp({});
      library.on(/imagefile/, () => new Response(new Uint8Array(100)));
      await expect(source.read(0, 200)).rejects.toMatchObject({ code: "protocol" });
    });
  });

  describe("when it is asked for what cannot be", () => {
    it.each([
      [-1, 1],
      [0, -1],
      [0, IMAGE.byteLength + 1],
      [IMAGE.byteLength, 1],
      [0.5, 1],
      [0, Number.NaN],
    ])("rejects a read of %d and %d without a request", async (offset, length) => {
      const { source, library } = await setUp();
      await expect(source.read(offset, length)).rejects.toMatchObject({ code: "option-not-valid" });
      expect(library.requests).toHaveLength(1);
    });

    it("rejects a record without size, and a ref that is unknown", async () => {
      const library = scriptLibrary();
      library.addImage(IMAGE, { size: 0 });
      const { baseUrl, fetch } = library;
      const client = new LibraryClient({ baseUrl, fetch, retry: false });
      await expect(client.openImage("e/c/n")).rejects.toMatchObject({ code: "protocol" });
      await expect(client.openImage("e/c/n:no")).rejects.toMatchObject({ code: "not-found" });
    });

    it("rejects with the reason of an abort", async () => {
      const { source, library } = await setUp();
      const controller = new AbortController();
      const reason = new Error("stop");
      library.on(/blobs/, () => {
        controller.abort(reason);
        return undefined;
      });
      const read = source.read(0, 10, { signal: controller.signal });
      await expect(read).rejects.toBe(reason);
    });
  });
});
