import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

import { type Digest, digestOfSha256Hex } from "@sifshelf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createId } from "../ids/ids.js";
import type { BlobStore, OpenBytes, StoredBlob } from "./blob-store.js";

/** A store for one test, and how to be rid of it. */
export interface StoreUnderTest {
  readonly store: BlobStore;
  readonly close: () => Promise<void>;
}

/** What every blob store does, whatever it keeps its bytes in. */
export function describeBlobStore(name: string, openStore: () => Promise<StoreUnderTest>): void {
  describe(`blob store: ${name}`, () => {
    let store: BlobStore;
    let close: () => Promise<void>;
    let uploadId: string;

    beforeEach(async () => {
      ({ store, close } = await openStore());
      uploadId = createId();
      await store.createStaging(uploadId);
    });

    afterEach(() => close());

    const publish = async (bytes: Uint8Array, id = uploadId): Promise<Digest> => {
      const digest = digestOf(bytes);
      await stage(store, id, bytes);
      await store.publishStaged(id, digest);
      return digest;
    };

    describe("when nothing is published", () => {
      it("has no blob", async () => {
        expect(await store.openBlob(digestOf(new Uint8Array()))).toBeUndefined();
        expect(await store.exposeBlob(digestOf(new Uint8Array()))).toBeUndefined();
        expect(await listAll(store)).toEqual([]);
      });

      it("answers false to a deletion", async () => {
        expect(await store.deleteBlob(digestOf(new Uint8Array()))).toBe(false);
      });
    });

    describe("when a staged file is published", () => {
      it.each([1, 100, (1 << 20) + 1, 3 << 20])("returns its %i bytes", async (size) => {
        const bytes = randomBytes(size);
        const blob = await opened(store.openBlob(await publish(bytes)));
        expect(blob.size).toBe(size);
        expect(Buffer.compare(await readAll(blob), bytes)).toBe(0);
        await blob.close();
      });

      it("lists it", async () => {
        const digest = await publish(randomBytes(10));
        const [blob, ...others] = await listAll(store);
        expect(blob).toMatchObject({ digest, sizeBytes: 10 });
        expect(others).toEqual([]);
      });

      it("leaves the bytes of a blob that is there already readable", async () => {
        const bytes = randomBytes(1000);
        const blob = await opened(store.openBlob(await publish(bytes)));
        const other = createId();
        await store.createStaging(other);
        await publish(bytes, other);
        await store.discardStaging(other);
        expect(Buffer.compare(await readAll(blob), bytes)).toBe(0);
        await blob.close();
      });

      it("survives the end of the staging", async () => {
        const bytes = randomBytes(1000);
        const digest = await publish(bytes);
        await store.discardStaging(uploadId);
        const blob = await opened(store.openBlob(digest));
        expect(Buffer.compare(await readAll(blob), bytes)).toBe(0);
        await blob.close();
      });
    });

    describe("when parts of a blob are hashed", () => {
      const never = () => false;

      it("returns a SHA-256 for each, the last one being what is left", async () => {
        const bytes = randomBytes(250);
        const digest = await publish(bytes);
        const hash = (start: number, end: number) => sha256(bytes.subarray(start, end));
        const cut = { start: 0, end: 250, partBytes: 100 };
        const all = [hash(0, 100), hash(100, 200), hash(200, 250)];
        expect(await store.hashParts(digest, cut, never)).toEqual(all);
        const some = { start: 100, end: 230, partBytes: 100 };
        expect(await store.hashParts(digest, some, never)).toEqual([
          hash(100, 200),
          hash(200, 230),
        ]);
      });

      it("stops when nobody wants them", async () => {
        const digest = await publish(randomBytes(250));
        let asked = 0;
        const cut = { start: 0, end: 250, partBytes: 1 };
        const hexes = await store.hashParts(digest, cut, () => ++asked > 10);
        expect(hexes?.length).toBeLessThan(10);
      });

      it("rejects what lies behind the end", async () => {
        const digest = await publish(randomBytes(250));
        const cut = { start: 200, end: 251, partBytes: 100 };
        await expect(store.hashParts(digest, cut, never)).rejects.toMatchObject({
          code: "internal",
        });
      });

      it("returns undefined if there is no such blob", async () => {
        const cut = { start: 0, end: 1, partBytes: 1 };
        expect(await store.hashParts(digestOf(randomBytes(10)), cut, never)).toBeUndefined();
      });
    });

    describe("when a blob is deleted", () => {
      it("answers true once, and has it no more", async () => {
        const digest = await publish(randomBytes(10));
        expect(await store.deleteBlob(digest)).toBe(true);
        expect(await store.deleteBlob(digest)).toBe(false);
        expect(await store.openBlob(digest)).toBeUndefined();
      });

      it("goes on serving those who have it open", async () => {
        const bytes = randomBytes(1000);
        const digest = await publish(bytes);
        const blob = await opened(store.openBlob(digest));
        await store.deleteBlob(digest);
        expect(Buffer.compare(await readAll(blob), bytes)).toBe(0);
        await blob.close();
      });
    });

    describe("when a blob is read", () => {
      it("fills a buffer from an offset, and less at the end", async () => {
        const bytes = randomBytes(100);
        const blob = await opened(store.openBlob(await publish(bytes)));
        const buffer = Buffer.alloc(30);
        expect(await blob.readUpTo(buffer, 10)).toBe(30);
        expect(buffer).toEqual(bytes.subarray(10, 40));
        expect(await blob.readUpTo(buffer, 90)).toBe(10);
        expect(await blob.readUpTo(buffer, 100)).toBe(0);
        await blob.close();
      });

      it("rejects a range outside of it", async () => {
        const blob = await opened(store.openBlob(await publish(randomBytes(100))));
        await expect(blob.read(90, 11)).rejects.toMatchObject({ code: "source-range" });
        await blob.close();
      });
    });

    describe("when an upload is written in parts", () => {
      it("puts each where it belongs, in any order and at once", async () => {
        const bytes = randomBytes(250_000);
        const parts = [200_000, 0, 100_000];
        await Promise.all(
          parts.map(async (offset) => {
            const part = await store.openPart(uploadId, offset, ["sha256", "crc32"]);
            const end = Math.min(offset + 100_000, bytes.length);
            for (let at = offset; at < end; at += 30_000) {
              const stop = Math.min(at + 30_000, end);
              await part.write([bytes.subarray(at, at + 1), bytes.subarray(at + 1, stop)]);
            }
            await part.sync();
            const written = bytes.subarray(offset, end);
            expect(await part.sums()).toEqual({
              sha256: sha256(written),
              crc32: crc32(written).toString(16).padStart(8, "0"),
            });
            await part.close();
          }),
        );
        expect(await store.hashStaged(uploadId)).toBe(sha256(bytes));
        const staged = await store.openStaged(uploadId);
        expect(Buffer.compare(await readAll(staged), bytes)).toBe(0);
        await staged.close();
      });
    });

    describe("when an upload is attempted", () => {
      it("stages only what is kept", async () => {
        const bytes = randomBytes(1000);
        await stage(store, uploadId, bytes);
        const failed = await store.openAttempt(uploadId, ["sha256"]);
        await failed.write([randomBytes(10)]);
        await failed.discard();
        expect(await store.hashStaged(uploadId)).toBe(sha256(bytes));
      });

      it("copies an attempt over a part", async () => {
        await stage(store, uploadId, Buffer.alloc(3000));
        const attempt = await store.openAttempt(uploadId, ["sha256"]);
        const part = randomBytes(1000);
        await attempt.write([part]);
        await attempt.copyToPart(1000);
        await attempt.discard();
        const whole = Buffer.concat([Buffer.alloc(1000), part, Buffer.alloc(1000)]);
        expect(await store.hashStaged(uploadId)).toBe(sha256(whole));
      });
    });

    describe("when a staging is discarded", () => {
      it("lists it no more, and does so once more without complaint", async () => {
        expect(await store.listStagings()).toEqual([uploadId]);
        await store.discardStaging(uploadId);
        await store.discardStaging(uploadId);
        expect(await store.listStagings()).toEqual([]);
      });

      it("rejects what is under way with upload-closed, and stages nothing", async () => {
        const attempt = await store.openAttempt(uploadId, ["sha256"]);
        const part = await store.openPart(uploadId, 0, ["sha256"]);
        await store.discardStaging(uploadId);
        await attempt.write([randomBytes(10)]);
        await part.write([randomBytes(10)]);
        const closed = { code: "upload-closed" };
        await expect(attempt.keepAsWhole()).rejects.toMatchObject(closed);
        await expect(attempt.copyToPart(0)).rejects.toMatchObject(closed);
        await expect(part.sync()).rejects.toMatchObject(closed);
        await Promise.all([attempt.discard(), part.close()]);
        expect(await store.listStagings()).toEqual([]);
      });

      it("rejects what begins later with upload-closed", async () => {
        await store.discardStaging(uploadId);
        const closed = { code: "upload-closed" };
        await expect(store.openAttempt(uploadId, ["sha256"])).rejects.toMatchObject(closed);
        await expect(store.openPart(uploadId, 0, ["sha256"])).rejects.toMatchObject(closed);
        await expect(store.openStaged(uploadId)).rejects.toMatchObject(closed);
        await expect(store.hashStaged(uploadId)).rejects.toMatchObject(closed);
        const digest = digestOf(new Uint8Array());
        await expect(store.publishStaged(uploadId, digest)).rejects.toMatchObject(closed);
      });
    });
  });
}

async function stage(store: BlobStore, uploadId: string, bytes: Uint8Array): Promise<void> {
  const attempt = await store.openAttempt(uploadId, ["sha256"]);
  // A copy, because the store may take the memory.
  await attempt.write([Uint8Array.from(bytes)]);
  await attempt.keepAsWhole();
  await attempt.discard();
}

async function listAll(store: BlobStore): Promise<StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for await (const blob of store.listBlobs()) blobs.push(blob);
  return blobs;
}

async function opened(blob: Promise<OpenBytes | undefined>): Promise<OpenBytes> {
  const bytes = await blob;
  if (bytes === undefined) throw new Error("the blob is missing");
  return bytes;
}

function readAll(bytes: OpenBytes): Promise<Uint8Array> {
  return bytes.read(0, bytes.size);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function digestOf(bytes: Uint8Array): Digest {
  return digestOfSha256Hex(sha256(bytes));
}
