import { crc32 } from "node:zlib";

import { errorReply, type ScriptedLibraryOptions, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { type ByteSource, LibraryClient } from "../index.js";

const MIB = 1024 * 1024;
const SMALL = new TextEncoder().encode("a small image");
const BLOCK = new Uint8Array(MIB).fill(7);
/** Five parts of 16 MiB, without holding them. */
const LARGE: ByteSource = {
  size: 65 * MIB,
  read: async (_, length) => BLOCK.subarray(0, length),
};
const UPLOAD = /^PUT \/uploads\//;

function setUp(options: ScriptedLibraryOptions = {}) {
  const library = scriptLibrary(options);
  const { baseUrl, fetch } = library;
  const client = new LibraryClient({ baseUrl, fetch, retry: { baseDelayMs: 0 } });
  const push = (source: Uint8Array | ByteSource = SMALL) =>
    client.uploadImage(source, "e/c/n", { arch: "amd64" });
  const uploads = () => library.calls().filter((call) => UPLOAD.test(call)).length;
  return { library, push, uploads };
}

const page = (text: string) => () =>
  new Response(text, { headers: { "content-type": "text/html; charset=utf-8" } });
const loginPage = page("\n<!DOCTYPE html><html><title>Welcome</title></html>");

describe("uploadImage", () => {
  describe("when a network replies with its login page", () => {
    it.each([
      ["tags set at once", /^PUT \/v2\/tags/, { features: { atomicTags: true } }],
      ["a tag", /^POST \/v2\/tags/, {}],
      ["the bytes", UPLOAD, {}],
      ["the bytes for an old library", /^POST \/v1\/imagefile/, { apiVersion: null }],
      ["a record", /^GET \/v1\/entities/, {}],
    ] as const)("does not take it for success of %s", async (_, pattern, options) => {
      const { library, push } = setUp(options);
      library.on(pattern, loginPage);
      await expect(push()).rejects.toMatchObject({
        code: "protocol",
        message: expect.stringContaining("web page"),
      });
    });

    it("takes plain words that are announced as a page for what the status says", async () => {
      const { library, push } = setUp({ apiVersion: null });
      library.on(/^POST \/v1\/imagefile/, page("Thank you!"));
      await expect(push()).resolves.toMatchObject({ uploaded: true });
    });
  });

  describe("when a library says what arrived of a part", () => {
    const sumOf = (bytes: number) =>
      crc32(new Uint8Array(bytes).fill(7)).toString(16).padStart(8, "0");
    const sums = [sumOf(16 * MIB), sumOf(MIB)];
    const replying = (etagOf: (sum: string) => string | undefined) => {
      const set = setUp({ features: { partCrc32: true } });
      let sent = 0;
      set.library.on(UPLOAD, () => {
        const etag = etagOf(sums[sent++ < 4 ? 0 : 1]!);
        return new Response(null, { headers: etag === undefined ? {} : { etag } });
      });
      return set;
    };

    it.each([
      ["as it is", (sum: string) => `"crc32-${sum}"`],
      ["weakened by a proxy", (sum: string) => `W/"crc32-${sum}"`],
      ["dropped by a proxy", () => undefined],
      ["another kind of sum, by a server before it was updated", () => '"0123abcd"'],
    ])("takes it %s", async (_, etagOf) => {
      const { push, uploads } = replying(etagOf);
      await expect(push(LARGE)).resolves.toMatchObject({ uploaded: true });
      expect(uploads()).toBe(5);
    });

    it("does not take other bytes than were sent", async () => {
      const { push } = replying(() => '"crc32-00000000"');
      await expect(push(LARGE)).rejects.toMatchObject({
        code: "integrity",
        expected: `crc32-${sums[0]}`,
        actual: "crc32-00000000",
      });
    });
  });

  describe("when a signed URL has expired", () => {
    it.each([
      ["a single upload", SMALL, 1],
      ["parts", LARGE, 5],
    ] as const)("asks for another one, in %s", async (_, source, uploadsNeeded) => {
      const { library, push, uploads } = setUp();
      let refusals = 0;
      library.on(UPLOAD, () => (refusals++ === 0 ? errorReply(403) : undefined));
      await push(source);
      expect(uploads()).toBe(uploadsNeeded + 1);
    });

    it.each([
      [401, "unauthorized"],
      [403, "forbidden"],
    ])("believes the second refusal (%i)", async (status, code) => {
      const { library, push, uploads } = setUp();
      library.on(UPLOAD, () => errorReply(status));
      await expect(push()).rejects.toMatchObject({ code });
      expect(uploads()).toBe(2);
    });
  });
});
