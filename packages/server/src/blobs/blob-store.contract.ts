import { createHash, randomBytes } from "node:crypto";

import { type Digest, digestOfSha256Hex, sha256HexOfDigest } from "@sifshelf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createId } from "../ids/ids.js";
import type { BlobStore, StoredBlob } from "./blob-store.js";
import { type SumName, sumOf } from "./byte-sink.js";
import type { IncomingBody } from "./incoming-body.js";
import type { OpenBytes } from "./open-bytes.js";
import type { StoredPart } from "./part-ledger.js";
import type { TransferGrant } from "./transfer-grant.js";
import type { PartToReceive, UploadRef } from "./upload-target.js";

/** A store for one test. */
export interface StoreUnderTest {
  readonly store: BlobStore;
  /** Sends bytes as a client does that was granted a part. */
  readonly send: (grant: TransferGrant, upload: UploadRef, bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
}

const PART_BYTES = 100;
const RECEIVER = { tokenId: createId(), baseUrl: "https://library.example/base/" };
const closed = { code: "upload-closed" };

/** What every blob store must do. */
export function describeBlobStore(name: string, openStore: () => Promise<StoreUnderTest>): void {
  describe(`blob store: ${name}`, () => {
    let store: BlobStore;
    let send: StoreUnderTest["send"];
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ store, send, close } = await openStore());
    });

    afterEach(() => close());

    /** An upload in parts of 100 bytes, or in one. */
    const begin = async (sizeBytes: number, kind: UploadRef["kind"] = "multipart") => {
      const upload: UploadRef = {
        id: createId(),
        kind,
        sizeBytes,
        partSizeBytes: kind === "single" ? sizeBytes : PART_BYTES,
        totalParts: kind === "single" ? 1 : Math.ceil(sizeBytes / PART_BYTES),
      };
      await store.uploads.begin(upload);
      return upload;
    };

    const receive = (
      upload: UploadRef,
      partNumber: number,
      bytes: Uint8Array,
      options: Partial<PartToReceive> = {},
    ) =>
      store.uploads.receivePart(upload, {
        partNumber,
        body: bodyOf(bytes),
        sums: ["sha256"],
        accept: (sums) => sumOf(sums, "sha256"),
        ...options,
      });

    const receiveAll = (upload: UploadRef, bytes: Uint8Array) =>
      Promise.all(partsOf(bytes).map((part, index) => receive(upload, index + 1, part)));

    const complete = (upload: UploadRef, bytes: Uint8Array, accept = () => {}) =>
      store.uploads.complete(upload, { digest: digestOf(bytes), accept });

    const publishAs = async (upload: UploadRef, bytes: Uint8Array) => {
      const completed = await complete(upload, bytes);
      await completed.publish();
      await completed.close();
      return digestOf(bytes);
    };

    const publish = async (bytes: Uint8Array) => {
      const upload = await begin(bytes.length, "single");
      await receive(upload, 1, bytes);
      return publishAs(upload, bytes);
    };

    /** The bytes that completing would publish. */
    const wholeOf = async (upload: UploadRef, bytes: Uint8Array) => {
      const completed = await complete(upload, bytes);
      try {
        const staged = await completed.open();
        const whole = Buffer.from(await readAll(staged));
        await staged.close();
        expect(completed.sizeBytes).toBe(whole.length);
        expect(await completed.sha256()).toBe(sha256(whole));
        return whole;
      } finally {
        await completed.close();
      }
    };

    describe("when nothing is published", () => {
      it("has no blob", async () => {
        expect(await store.openBlob(digestOf(new Uint8Array()))).toBeUndefined();
        expect(await store.frontServer?.exposeBlob(digestOf(new Uint8Array()))).toBeUndefined();
        expect(await listAll(store)).toEqual([]);
      });

      it("answers false to a deletion", async () => {
        expect(await store.deleteBlob(digestOf(new Uint8Array()))).toBe(false);
      });
    });

    describe("when an upload is published", () => {
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

      it("lists those after a digest, in order", async () => {
        const digests: Digest[] = [];
        for (let n = 0; n < 5; n++) digests.push(await publish(Buffer.from(`blob ${n}`)));
        const listed = async (after?: Digest) =>
          (await listAll(store, after)).map(({ digest }) => digest);
        const sorted = digests.toSorted();
        expect(await listed()).toEqual(sorted);
        expect(await listed(sorted[1])).toEqual(sorted.slice(2));
        expect(await listed(sorted[4])).toEqual([]);
      });

      it("leaves the bytes of a blob that is there already readable", async () => {
        const bytes = randomBytes(1000);
        const blob = await opened(store.openBlob(await publish(bytes)));
        const other = await begin(1000, "single");
        await receive(other, 1, bytes);
        await publishAs(other, bytes);
        await store.uploads.abort(other.id);
        expect(Buffer.compare(await readAll(blob), bytes)).toBe(0);
        await blob.close();
      });

      it("survives the end of the upload", async () => {
        const bytes = randomBytes(1000);
        const upload = await begin(1000, "single");
        await receive(upload, 1, bytes);
        const digest = await publishAs(upload, bytes);
        await store.uploads.abort(upload.id);
        const blob = await opened(store.openBlob(digest));
        expect(Buffer.compare(await readAll(blob), bytes)).toBe(0);
        await blob.close();
      });

      it("publishes it again without complaint, as after a crash", async () => {
        const bytes = randomBytes(250);
        const upload = await begin(250);
        await receiveAll(upload, bytes);
        await publishAs(upload, bytes);
        expect(await wholeOf(upload, bytes)).toEqual(bytes);
        await publishAs(upload, bytes);
        expect(await listAll(store)).toHaveLength(1);
      });
    });

    describe("when ranges of a blob are hashed", () => {
      const never = () => false;

      it("returns a SHA-256 for each; the last range is the rest", async () => {
        const bytes = randomBytes(250);
        const digest = await publish(bytes);
        const hash = (start: number, end: number) => sha256(bytes.subarray(start, end));
        const ranges = { start: 0, end: 250, rangeBytes: 100 };
        const all = [hash(0, 100), hash(100, 200), hash(200, 250)];
        expect(await store.hashRanges(digest, ranges, never)).toEqual(all);
        const some = { start: 100, end: 230, rangeBytes: 100 };
        expect(await store.hashRanges(digest, some, never)).toEqual([
          hash(100, 200),
          hash(200, 230),
        ]);
      });

      it("stops once the result is not wanted", async () => {
        const digest = await publish(randomBytes(250));
        let asked = 0;
        const ranges = { start: 0, end: 250, rangeBytes: 1 };
        const hexes = await store.hashRanges(digest, ranges, () => ++asked > 10);
        expect(hexes?.length).toBeLessThan(10);
      });

      it("rejects a range beyond the end", async () => {
        const digest = await publish(randomBytes(250));
        const ranges = { start: 200, end: 251, rangeBytes: 100 };
        await expect(store.hashRanges(digest, ranges, never)).rejects.toMatchObject({
          code: "internal",
        });
      });

      it("returns undefined if there is no such blob", async () => {
        const ranges = { start: 0, end: 1, rangeBytes: 1 };
        expect(await store.hashRanges(digestOf(randomBytes(10)), ranges, never)).toBeUndefined();
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

    describe("when a part is granted", () => {
      it.each(["multipart", "single"] as const)(
        "takes it by the granted URL (%s)",
        async (kind) => {
          const bytes = randomBytes(kind === "single" ? 250 : 100);
          const upload = await begin(bytes.length, kind);
          const grant = await store.uploads.grantPart(upload, {
            partNumber: 1,
            sha256: sha256(bytes),
            receiver: RECEIVER,
          });
          expect(new URL(grant.url).protocol).toMatch(/^https?:$/);
          expect(grant.expiresAtMs).toBeGreaterThan(Date.now());
          await send(grant, upload, bytes);
          expect(await store.uploads.listParts(upload)).toMatchObject([{ partNumber: 1 }]);
          expect(await wholeOf(upload, bytes)).toEqual(bytes);
        },
      );

      it("rejects a number that no part has", async () => {
        const upload = await begin(250);
        const granting = store.uploads.grantPart(upload, {
          partNumber: 4,
          sha256: null,
          receiver: RECEIVER,
        });
        await expect(granting).rejects.toMatchObject({ code: "bad-request" });
      });
    });

    describe("when parts arrive", () => {
      it("puts each where it belongs, in any order and at once", async () => {
        const bytes = randomBytes(1250);
        const upload = await begin(1250);
        const parts = partsOf(bytes).map((part, index) => ({ part, number: index + 1 }));
        await Promise.all(
          parts.toReversed().map(({ part, number }) => receive(upload, number, part)),
        );
        expect(await wholeOf(upload, bytes)).toEqual(bytes);
      });

      it.each<readonly SumName[]>([["sha256"], ["crc32"], ["md5", "sha256"]])(
        "returns and lists the ETag made of %s",
        async (...sums) => {
          const upload = await begin(250);
          const accept: PartToReceive["accept"] = (found) => {
            expect(Object.keys(found).toSorted()).toEqual(sums.toSorted());
            return `etag-${sumOf(found, sums[0] ?? "sha256")}`;
          };
          const bytes = randomBytes(50);
          const part = await receive(upload, 3, bytes, { sums, accept });
          expect(part).toMatchObject({ partNumber: 3, sizeBytes: 50 });
          expect(part.etag).toMatch(/^etag-[0-9a-f]+$/);
          expect(await store.uploads.listParts(upload)).toEqual([part]);
        },
      );

      it.each(["multipart", "single"] as const)(
        "keeps what arrived before when a part is not accepted or breaks off (%s)",
        async (kind) => {
          const bytes = randomBytes(100);
          const upload = await begin(100, kind);
          const first = await receive(upload, 1, bytes);
          const refuse = () => {
            throw new Error("not accepted");
          };
          const other = randomBytes(100);
          const refused = receive(upload, 1, other, { accept: refuse });
          await expect(refused).rejects.toThrow("not accepted");
          const broken = receive(upload, 1, other, { body: brokenBody(other) });
          await expect(broken).rejects.toThrow("broken");
          expect(await store.uploads.listParts(upload)).toEqual([first]);
          expect(await wholeOf(upload, bytes)).toEqual(bytes);
        },
      );

      it("has no part that was not accepted", async () => {
        const upload = await begin(100);
        const broken = receive(upload, 1, randomBytes(100), { body: brokenBody(randomBytes(100)) });
        await expect(broken).rejects.toThrow("broken");
        expect(await store.uploads.listParts(upload)).toEqual([]);
      });

      it.each<SumName>(["sha256", "crc32"])(
        "replaces a part that comes again with other bytes (by %s)",
        async (sum) => {
          const bytes = randomBytes(250);
          const upload = await begin(250);
          await receiveAll(upload, randomBytes(250));
          await receiveAll(upload, bytes);
          const accept: PartToReceive["accept"] = (found) => sumOf(found, sum);
          const other = randomBytes(100);
          const again = await receive(upload, 2, other, { sums: [sum], accept });
          expect((await store.uploads.listParts(upload))[1]).toEqual(again);
          const whole = Buffer.concat([bytes.subarray(0, 100), other, bytes.subarray(200)]);
          expect(await wholeOf(upload, whole)).toEqual(whole);
        },
      );

      it("lets a second sender of a part wait, and makes the first hurry", async () => {
        const upload = await begin(100);
        const events: string[] = [];
        let finish = () => {};
        const gate = new Promise<void>((resolve) => (finish = resolve));
        const bytes = randomBytes(100);
        const slow: IncomingBody = {
          ...bodyOf(bytes),
          async receiveInto(sink, options) {
            events.push("first");
            await gate;
            return bodyOf(bytes).receiveInto(sink, options);
          },
          hurry() {
            events.push("hurry");
            finish();
          },
        };
        const first = receive(upload, 1, bytes, { body: slow });
        await expect.poll(() => events).toEqual(["first"]);
        const second = receive(upload, 1, bytes, {
          accept(sums) {
            events.push("second");
            return sumOf(sums, "sha256");
          },
        });
        expect(await second).toEqual(await first);
        expect(events).toEqual(["first", "hurry", "second"]);
      });
    });

    describe("when an upload is completed", () => {
      it("shows the parts that have arrived, and stops if they are not accepted", async () => {
        const bytes = randomBytes(250);
        const upload = await begin(250);
        const parts = await receiveAll(upload, bytes);
        const shown: (readonly StoredPart[])[] = [];
        const completing = store.uploads.complete(upload, {
          digest: digestOf(bytes),
          accept(arrived) {
            shown.push(arrived);
            throw new Error("not accepted");
          },
        });
        await expect(completing).rejects.toThrow("not accepted");
        expect(shown).toEqual([parts]);
        expect(await wholeOf(upload, bytes)).toEqual(bytes);
      });

      it("rejects with conflict if a part is missing", async () => {
        const bytes = randomBytes(250);
        const upload = await begin(250);
        await receive(upload, 1, bytes.subarray(0, 100));
        await expect(complete(upload, bytes)).rejects.toMatchObject({ code: "conflict" });
      });

      it("lets parts be sent again after it was given up, and not before", async () => {
        const bytes = randomBytes(250);
        const upload = await begin(250);
        await receiveAll(upload, randomBytes(250));
        const completed = await complete(upload, bytes);
        const before = await completed.sha256();
        expect(before).not.toBe(sha256HexOfDigest(digestOf(bytes)));
        const sending = receiveAll(upload, bytes);
        const staged = await completed.open();
        expect(sha256(await readAll(staged))).toBe(before);
        await staged.close();
        await completed.close();
        await sending;
        expect(await wholeOf(upload, bytes)).toEqual(bytes);
      });

      it("never changes a published blob by a part that comes late", async () => {
        const bytes = randomBytes(250);
        const upload = await begin(250);
        await receiveAll(upload, bytes);
        const completed = await complete(upload, bytes);
        const late = Promise.allSettled([receive(upload, 1, randomBytes(100))]);
        await completed.publish();
        await completed.close();
        await late;
        const blob = await opened(store.openBlob(digestOf(bytes)));
        expect(Buffer.compare(await readAll(blob), bytes)).toBe(0);
        await blob.close();
      });
    });

    describe("when an upload is aborted", () => {
      it("lists it no more, and does so once more without complaint", async () => {
        const upload = await begin(100);
        expect(await store.uploads.list()).toEqual([upload.id]);
        await store.uploads.abort(upload.id);
        await store.uploads.abort(upload.id);
        expect(await store.uploads.list()).toEqual([]);
      });

      it.each(["multipart", "single"] as const)(
        "rejects a part under way with upload-closed, and keeps nothing (%s)",
        async (kind) => {
          const upload = await begin(100, kind);
          const bytes = randomBytes(100);
          const receiving = receive(upload, 1, bytes, {
            body: {
              ...bodyOf(bytes),
              async receiveInto(sink, options) {
                await sink.write([Uint8Array.from(bytes)]);
                await store.uploads.abort(upload.id);
                return bodyOf(new Uint8Array()).receiveInto(sink, options);
              },
            },
          });
          await expect(receiving).rejects.toMatchObject(closed);
          expect(await store.uploads.list()).toEqual([]);
        },
      );

      it.each(["multipart", "single"] as const)(
        "rejects what begins later with upload-closed (%s)",
        async (kind) => {
          const bytes = randomBytes(100);
          const upload = await begin(100, kind);
          await receive(upload, 1, bytes);
          await store.uploads.abort(upload.id);
          await expect(receive(upload, 1, bytes)).rejects.toMatchObject(closed);
          await expect(complete(upload, bytes)).rejects.toMatchObject(closed);
        },
      );
    });
  });
}

/** A body that arrives at once. */
function bodyOf(bytes: Uint8Array): IncomingBody {
  return {
    announcedBytes: bytes.length,
    async receiveInto(sink) {
      // A copy, because the store may take over the memory.
      if (bytes.length > 0) await sink.write([Uint8Array.from(bytes)]);
      return sink.sums();
    },
    hurry() {},
  };
}

/** A body that breaks off. */
function brokenBody(bytes: Uint8Array): IncomingBody {
  return {
    ...bodyOf(bytes),
    async receiveInto(sink) {
      await sink.write([Uint8Array.from(bytes.subarray(0, 10))]);
      throw new Error("broken");
    },
  };
}

function partsOf(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    parts.push(bytes.subarray(at, at + PART_BYTES));
  }
  return parts;
}

async function listAll(store: BlobStore, after?: Digest): Promise<StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for await (const blob of store.listBlobs(after)) blobs.push(blob);
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
