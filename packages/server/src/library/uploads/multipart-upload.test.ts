import { EventEmitter, once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { crc32 } from "node:zlib";

import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { findUpload, insertUpload, listUploadParts } from "../../catalog/uploads.js";
import { findImageById } from "../../catalog/images.js";
import { abortMultipartUpload } from "./abort-upload.js";
import { completeMultipartUpload } from "./complete-upload.js";
import {
  bodyOf,
  type BodyOptions,
  createTestLibrary,
  digestOf,
  HOUR_MS,
  sha256Of,
  storedBytes,
  type TestLibrary,
} from "./fixtures.contract.js";
import { openMultipartUpload } from "./open-upload.js";
import { receivePart } from "./receive-part.js";
import { grantPart } from "./grant-part.js";

const SIF = buildSif({ payloadBytes: 40_000 });
const PART_BYTES = 20_000;
const TOTAL_PARTS = Math.ceil(SIF.length / PART_BYTES);
const NUMBERS = Array.from({ length: TOTAL_PARTS }, (_, index) => index + 1);

let site: TestLibrary;
let image: ImageRecord;
let upload: UploadRecord;

beforeEach(async () => {
  site = await createTestLibrary();
  image = await site.imageOf(SIF);
  upload = await site.openSmallParts(image, SIF.length, PART_BYTES);
});

afterEach(() => site.close());

const partOf = (partNumber: number) =>
  SIF.subarray((partNumber - 1) * PART_BYTES, partNumber * PART_BYTES);

interface Sent extends BodyOptions {
  readonly bytes?: Uint8Array;
  /** Announced SHA-256; default that of the bytes. */
  readonly sha256?: string | null;
  readonly byCrc32?: boolean;
}

const send = (
  partNumber: number,
  { bytes = partOf(partNumber), sha256, byCrc32 = false, ...rest }: Sent = {},
) =>
  receivePart(site.library, site.alice, {
    uploadId: upload.id,
    partNumber,
    byCrc32,
    sha256: sha256 === undefined ? sha256Of(bytes) : sha256,
    body: bodyOf(bytes, rest),
  });

const complete = (
  completedParts = NUMBERS.map((partNumber) => ({ partNumber, token: "" })),
  principal = site.alice,
) =>
  completeMultipartUpload(site.library, principal, {
    imageId: image.id,
    uploadId: upload.id,
    completedParts,
  });

const abort = (principal = site.alice) =>
  abortMultipartUpload(site.library, principal, { imageId: image.id, uploadId: upload.id });

const sendAll = () => Promise.all(NUMBERS.map((partNumber) => send(partNumber)));

const closed = { code: "upload-closed" };

describe("openMultipartUpload", () => {
  describe("when the image is large", () => {
    it("returns how to cut it", async () => {
      const sizeBytes = 100 * 1024 ** 2;
      const opened = await openMultipartUpload(site.library, site.alice, image, { sizeBytes });
      expect(opened).toMatchObject({
        kind: "multipart",
        state: "open",
        partSizeBytes: 16 * 1024 ** 2,
        totalParts: 7,
      });
    });
  });

  describe("when it is too large or empty", () => {
    it.each([
      ["too-large", 1024 ** 4 + 1],
      ["bad-request", 0],
    ])("rejects with %s", async (code, sizeBytes) => {
      const opening = openMultipartUpload(site.library, site.alice, image, { sizeBytes });
      await expect(opening).rejects.toMatchObject({ code });
    });
  });
});

const request = (changes: object = {}, principal = site.alice) =>
  grantPart(site.library, principal, {
    imageId: image.id,
    uploadId: upload.id,
    partNumber: 1,
    sizeBytes: PART_BYTES,
    sha256: "",
    baseUrl: "https://library.example/",
    ...changes,
  });

/** What the granted URL allows. */
const allowedBy = async ({ url }: { readonly url: string }) => {
  const { pathname, searchParams: query } = new URL(url);
  const path = pathname.slice(1);
  return site.library.blobs.signedUrls?.verify({ method: "PUT", path, query });
};

describe("grantPart", () => {
  describe("when the part is as agreed", () => {
    it("returns a URL to which it may be sent", async () => {
      const sha256 = sha256Of(partOf(1));
      const grant = await request({ sha256: sha256.toUpperCase() });
      expect(grant.url).toMatch(/^https:\/\/library\.example\/transfers\//);
      expect(grant.expiresAtMs).toBe(site.clock.nowMs + HOUR_MS);
      expect(await allowedBy(grant)).toMatchObject({
        path: `transfers/uploads/${upload.id}/parts/1`,
        sizeBytes: PART_BYTES,
        sha256,
        tokenId: site.alice.tokenId,
      });
      expect(await allowedBy(await request())).toMatchObject({ sha256: null });
    });

    it("grants the rest for the last part", async () => {
      const sizeBytes = partOf(TOTAL_PARTS).length;
      const grant = await request({ partNumber: TOTAL_PARTS, sizeBytes });
      expect(await allowedBy(grant)).toMatchObject({ sizeBytes });
    });
  });

  describe("when it is not", () => {
    it.each([
      ["bad-request", { partNumber: 0 }],
      ["bad-request", { partNumber: TOTAL_PARTS + 1 }],
      ["bad-request", { partNumber: 1.5 }],
      ["size-mismatch", { sizeBytes: PART_BYTES - 1 }],
      ["size-mismatch", { partNumber: TOTAL_PARTS }],
      ["bad-request", { sha256: "abc" }],
      ["upload-closed", { uploadId: "f".repeat(24) }],
      ["upload-closed", { uploadId: "" }],
      ["upload-closed", { imageId: "f".repeat(24) }],
    ])("rejects with %s: %j", async (code, changes) => {
      await expect(request(changes)).rejects.toMatchObject({ code });
    });

    it("answers somebody else's upload like one that never was", async () => {
      const { nowMs } = site.clock;
      const { catalog } = site.library;
      const bobs = await insertUpload(catalog, { ...upload, userId: site.bob.userId, nowMs });
      const foreign = await request({ uploadId: bobs.id }).catch((error: unknown) => error);
      const unknown = await request({ uploadId: "f".repeat(24) }).catch((error: unknown) => error);
      expect(foreign).toEqual(unknown);
      expect(foreign).toMatchObject(closed);
    });

    it.each(["f".repeat(24), undefined])(
      "rejects with forbidden in somebody else's container, whatever the upload (%s)",
      async (uploadId = upload.id) => {
        const asked = request({ uploadId }, site.bob);
        await expect(asked).rejects.toMatchObject({ code: "forbidden" });
      },
    );
  });
});

describe("receivePart", () => {
  describe("when parts come in any order and at once", () => {
    it("returns the ETag of each, and completes to the image", async () => {
      const receipts = await Promise.all(
        NUMBERS.toReversed().map(async (partNumber) => ({
          partNumber,
          token: (await send(partNumber)).etag,
        })),
      );
      const uploaded = await complete(receipts);
      expect(await storedBytes(site.library, uploaded)).toEqual(Buffer.from(SIF));
    });
  });

  describe("when a CRC-32 will do", () => {
    const byCrc32 = { sha256: null, byCrc32: true };
    const etagOf = (bytes: Uint8Array) => `"crc32-${crc32(bytes).toString(16).padStart(8, "0")}"`;

    it("returns that of what arrived, by which the upload is completed", async () => {
      const receipts = [];
      for (const partNumber of NUMBERS) {
        const { etag } = await send(partNumber, byCrc32);
        expect(etag).toBe(etagOf(partOf(partNumber)));
        receipts.push({ partNumber, token: etag });
      }
      const uploaded = await complete(receipts);
      expect(await storedBytes(site.library, uploaded)).toEqual(Buffer.from(SIF));
    });

    it("takes other bytes, says so by their sum, and is not completed with them", async () => {
      await sendAll();
      const bytes = Buffer.from(partOf(2));
      bytes[5] = (bytes[5] ?? 0) ^ 1;
      const { etag } = await send(2, { bytes, ...byCrc32 });
      expect(etag).toBe(etagOf(bytes));
      await expect(complete()).rejects.toMatchObject({ code: "digest-mismatch" });
      expect(await send(2, byCrc32)).toEqual({ etag: etagOf(partOf(2)) });
      expect(await complete()).toMatchObject({ isUploaded: true });
    });

    it("is not deceived by other bytes of the same sum that come after those of the image", async () => {
      for (const partNumber of NUMBERS) await send(partNumber, byCrc32);
      // Until the library has hashed what has arrived.
      await pause(300);
      const forged = withSameCrc32(partOf(2));
      expect(await send(2, { bytes: forged, ...byCrc32 })).toEqual({ etag: etagOf(partOf(2)) });
      await expect(complete()).rejects.toMatchObject({ code: "digest-mismatch" });
    });

    it("still compares the SHA-256 that was announced", async () => {
      const sha256 = sha256Of(partOf(1));
      expect(await send(1, { sha256, byCrc32: true })).toEqual({ etag: `"${sha256}"` });
      const bytes = Buffer.alloc(PART_BYTES);
      const sent = send(1, { bytes, sha256, byCrc32: true });
      await expect(sent).rejects.toMatchObject({ code: "digest-mismatch" });
    });
  });

  describe("when a part comes again", () => {
    it("returns the same", async () => {
      const first = await send(1);
      expect(await send(1)).toEqual(first);
      expect(await send(1, { sha256: null })).toEqual(first);
    });

    it("puts it in place of other bytes", async () => {
      await sendAll();
      await send(2, { bytes: Buffer.alloc(PART_BYTES) });
      await expect(complete()).rejects.toMatchObject({ code: "digest-mismatch" });
      await send(2);
      expect(await complete()).toMatchObject({ isUploaded: true });
    });

    it.each<[string, Sent]>([
      ["size-mismatch", { breakAfter: 5000, chunkBytes: 1000 }],
      ["size-mismatch", { bytes: Buffer.alloc(PART_BYTES), breakAfter: 5000, chunkBytes: 1000 }],
      ["digest-mismatch", { bytes: Buffer.alloc(PART_BYTES), sha256: sha256Of(partOf(1)) }],
      ["size-mismatch", { bytes: Buffer.alloc(PART_BYTES + 1) }],
    ])("keeps what arrived before if it fails with %s", async (code, sent) => {
      await sendAll();
      await expect(send(1, sent)).rejects.toMatchObject({ code });
      const uploaded = await complete();
      expect(await storedBytes(site.library, uploaded)).toEqual(Buffer.from(SIF));
    });

    it("waits for the one before, which is told to hurry", async () => {
      const events = new EventEmitter();
      const slow = bodyOf(partOf(1), { gate: once(events, "go") });
      const sha256 = sha256Of(partOf(1));
      const part = { uploadId: upload.id, partNumber: 1, sha256 };
      const first = receivePart(site.library, site.alice, { ...part, body: slow });
      const second = receivePart(site.library, site.alice, { ...part, body: bodyOf(partOf(1)) });
      while (slow.hurries() === 0) await new Promise(setImmediate);
      events.emit("go");
      expect(await second).toEqual(await first);
    });

    it("takes its place after the one before has failed", async () => {
      const results = await Promise.allSettled([send(1, { breakAfter: 10 }), send(1), send(1)]);
      expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    });
  });

  describe("when it fails the first time", () => {
    it("counts as missing, and can be sent again", async () => {
      await expect(send(1, { breakAfter: 10 })).rejects.toMatchObject({ code: "size-mismatch" });
      expect(await listUploadParts(site.library.catalog, upload.id)).toEqual([]);
      await sendAll();
      expect(await complete()).toMatchObject({ isUploaded: true });
    });
  });

  describe("when there is no such part or upload", () => {
    it("rejects with bad-request or upload-closed", async () => {
      await expect(send(TOTAL_PARTS + 1)).rejects.toMatchObject({ code: "bad-request" });
      const part = { partNumber: 1, sha256: null, body: bodyOf(partOf(1)) };
      const foreign = { ...part, uploadId: upload.id };
      await expect(receivePart(site.library, site.bob, foreign)).rejects.toMatchObject(closed);
      const unknown = { ...part, uploadId: "f".repeat(24) };
      await expect(receivePart(site.library, site.alice, unknown)).rejects.toMatchObject(closed);
    });
  });

  describe("when the upload ends while a part arrives", () => {
    it("rejects with upload-closed, and leaves nothing staged", async () => {
      const events = new EventEmitter();
      const sending = send(1, { gate: once(events, "go"), chunkBytes: 1000 });
      const outcome = Promise.allSettled([sending]);
      await abort();
      events.emit("go");
      expect(await outcome).toMatchObject([{ status: "rejected", reason: closed }]);
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });
  });
});

describe("completeMultipartUpload", () => {
  describe("when all parts have arrived", () => {
    it("returns the image, uploaded, and does so again", async () => {
      await sendAll();
      const uploaded = await complete();
      expect(uploaded).toMatchObject({
        isUploaded: true,
        blobDigest: digestOf(SIF),
        arch: "amd64",
      });
      expect(await complete()).toEqual(uploaded);
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });

    it("returns the same to all who do it at once", async () => {
      await sendAll();
      const [first, second] = await Promise.all([complete(), complete()]);
      expect(first?.isUploaded).toBe(true);
      expect(second).toEqual(first);
    });

    it("takes tokens with and without quotes", async () => {
      await sendAll();
      const tokens = NUMBERS.map((partNumber) => {
        const sha256 = sha256Of(partOf(partNumber));
        return { partNumber, token: partNumber % 2 === 0 ? sha256 : `"${sha256}"` };
      });
      expect(await complete(tokens)).toMatchObject({ isUploaded: true });
    });
  });

  describe("when parts are missing or others than listed", () => {
    const all = NUMBERS.map((partNumber) => ({ partNumber, token: "" }));

    it.each([
      ["conflict", all.slice(1)],
      ["conflict", []],
      ["bad-request", [...all, { partNumber: 1, token: "" }]],
      ["bad-request", [...all, { partNumber: TOTAL_PARTS + 1, token: "" }]],
      ["bad-request", [...all.slice(1), { partNumber: 0, token: "" }]],
      ["conflict", [{ partNumber: 1, token: `"${"0".repeat(64)}"` }, ...all.slice(1)]],
    ])("rejects with %s, and can be completed rightly", async (code, parts) => {
      await sendAll();
      await expect(complete(parts)).rejects.toMatchObject({ code });
      expect(await complete()).toMatchObject({ isUploaded: true });
    });

    it("rejects with conflict when one has not arrived", async () => {
      await send(1);
      await expect(complete()).rejects.toMatchObject({ code: "conflict" });
      expect(await findImageById(site.library.catalog, image.id)).toMatchObject({
        isUploaded: false,
      });
    });
  });

  describe("when the whole is not the image", () => {
    it("rejects with digest-mismatch, marks nothing, and parts can be sent again", async () => {
      await sendAll();
      await send(TOTAL_PARTS, { bytes: Buffer.alloc(partOf(TOTAL_PARTS).length) });
      await expect(complete()).rejects.toMatchObject({ code: "digest-mismatch" });
      expect(await findImageById(site.library.catalog, image.id)).toMatchObject({
        isUploaded: false,
      });
      await send(TOTAL_PARTS);
      expect(await complete()).toMatchObject({ isUploaded: true });
    });
  });

  describe("when the upload is not the caller's or has ended", () => {
    it("rejects with upload-closed", async () => {
      await sendAll();
      await expect(complete([], site.bob)).rejects.toMatchObject(closed);
      site.clock.nowMs += 2 * HOUR_MS;
      await expect(complete()).rejects.toMatchObject(closed);
      site.clock.nowMs -= 2 * HOUR_MS;
      await abort();
      await expect(complete()).rejects.toMatchObject(closed);
    });
  });
});

describe("abortMultipartUpload", () => {
  describe("when the upload is open", () => {
    it("ends it, deletes its bytes, and does so again", async () => {
      await sendAll();
      await abort();
      await abort();
      expect(await findUpload(site.library.catalog, upload.id)).toMatchObject({ state: "aborted" });
      expect(await site.library.blobs.uploads.list()).toEqual([]);
      await expect(send(1)).rejects.toMatchObject(closed);
    });
  });

  describe("when the upload is complete", () => {
    it("rejects with conflict, and the image stays", async () => {
      await sendAll();
      const uploaded = await complete();
      await expect(abort()).rejects.toMatchObject({ code: "conflict" });
      expect(await storedBytes(site.library, uploaded)).toEqual(Buffer.from(SIF));
    });
  });

  describe("when it is somebody else's", () => {
    it("rejects with upload-closed and changes nothing", async () => {
      await expect(abort(site.bob)).rejects.toMatchObject(closed);
      expect(await findUpload(site.library.catalog, upload.id)).toMatchObject({ state: "open" });
    });
  });

  describe("when it is completed and aborted at once", () => {
    it("lets one of them win", async () => {
      await sendAll();
      const [completed, aborted] = await Promise.allSettled([complete(), abort()]);
      expect([completed.status, aborted.status].toSorted()).toEqual(["fulfilled", "rejected"]);
      const stored = await findImageById(site.library.catalog, image.id);
      expect(stored?.isUploaded).toBe(completed.status === "fulfilled");
    });
  });
});

/** Other bytes: with a multiple of the polynomial added to them, which leaves no rest. */
function withSameCrc32(bytes: Uint8Array): Buffer {
  const forged = Buffer.from(bytes);
  for (const [index, byte] of [0x41, 0x06, 0x71, 0xdb, 0x01].entries()) forged[index]! ^= byte;
  expect(crc32(forged)).toBe(crc32(bytes));
  expect(forged).not.toEqual(Buffer.from(bytes));
  return forged;
}
