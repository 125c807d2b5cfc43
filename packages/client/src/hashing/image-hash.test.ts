import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { imageHash, sifImageId, type TransferProgress } from "../index.js";

const BYTES = new Uint8Array(2_500_000).map((_, index) => index * 3);

describe("imageHash", () => {
  describe("when bytes come as anything that can be read", () => {
    it("returns sha256. and the hex digits", async () => {
      const hash = `sha256.${createHash("sha256").update(BYTES).digest("hex")}`;
      expect(await imageHash(BYTES)).toBe(hash);
      expect(await imageHash(BYTES.buffer)).toBe(hash);
      expect(await imageHash(new Blob([BYTES]))).toBe(hash);
      const read = async (offset: number, length: number) =>
        BYTES.subarray(offset, offset + length);
      expect(await imageHash({ size: BYTES.byteLength, read })).toBe(hash);
      expect(await imageHash(new Uint8Array())).toMatch(/^sha256\.e3b0c442/);
    });

    it("tells its progress and can be aborted", async () => {
      const events: TransferProgress[] = [];
      await imageHash(BYTES, { progress: (event) => void events.push(event) });
      expect(events.at(-1)).toEqual({ phase: "hash", bytesDone: 2_500_000, bytesTotal: 2_500_000 });
      const reason = new Error("stop");
      await expect(imageHash(BYTES, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });
  });
});

describe("sifImageId", () => {
  describe("when the source is a SIF file", () => {
    it("returns sif. and its UUID", async () => {
      const head = new Uint8Array(128);
      head.set(new TextEncoder().encode("SIF_MAGIC\0"), 32);
      head.set([...Array.from({ length: 16 }).keys()], 48);
      expect(await sifImageId(head)).toBe("sif.00010203-0405-0607-0809-0a0b0c0d0e0f");
    });
  });

  describe("when it is not", () => {
    it.each([new Uint8Array(), new Uint8Array(63), new Uint8Array(200)])(
      "rejects with not-a-sif",
      async (bytes) => {
        await expect(sifImageId(bytes)).rejects.toMatchObject({ code: "not-a-sif" });
      },
    );
  });
});
