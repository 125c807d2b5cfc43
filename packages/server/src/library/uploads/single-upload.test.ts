import { createHash } from "node:crypto";

import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { CompletedUpload, UploadTarget } from "../../blobs/upload-target.js";
import { deleteImage, findImageById } from "../../catalog/images.js";
import { findUpload } from "../../catalog/uploads.js";
import { Fault } from "../../faults/fault.js";
import { completeSingleUpload } from "./complete-upload.js";
import {
  bodyOf,
  createTestLibrary,
  digestOf,
  HOUR_MS,
  sha256Of,
  storedBytes,
  type TestLibrary,
} from "./fixtures.contract.js";
import { openSingleUpload } from "./open-upload.js";
import { receiveUpload } from "./receive-upload.js";
import { receiveV1Upload } from "./receive-v1-upload.js";

const SIF = buildSif({ signed: true, arch: "arm64" });
const OTHER = buildSif({ seed: 2, arch: "arm64", signed: true });
const SIZE = { sizeBytes: SIF.length };

let site: TestLibrary;

beforeEach(async () => {
  site = await createTestLibrary();
});

afterEach(() => site.close());

const open = async (request: object = {}) => {
  const image = await site.imageOf(SIF);
  const upload = await openSingleUpload(site.library, site.alice, image, { ...SIZE, ...request });
  return { image, upload, uploadId: upload.id };
};

const push = async (principal = site.alice, container: "first" | "second" = "first") => {
  const image = await site.imageOf(SIF, container);
  const { id } = await openSingleUpload(site.library, principal, image, SIZE);
  await receiveUpload(site.library, principal, { uploadId: id, body: bodyOf(SIF) });
  return completeSingleUpload(site.library, principal, image);
};

const receive = (uploadId: string, principal = site.alice) =>
  receiveUpload(site.library, principal, { uploadId, body: bodyOf(SIF) });

const closed = { code: "upload-closed" };

describe("openSingleUpload", () => {
  describe("when what is announced can be", () => {
    it.each([
      ["nothing else", {}],
      ["empty hashes", { sha256: "", md5: "" }],
      ["hashes in upper case", { sha256: sha256Of(SIF).toUpperCase(), md5: "A".repeat(32) }],
    ])("opens, with %s", async (_, request) => {
      const { upload } = await open(request);
      expect(upload).toMatchObject({ kind: "single", state: "open", totalParts: 1, ...SIZE });
      expect(await site.library.blobs.uploads.list()).toEqual([upload.id]);
    });
  });

  describe("when it cannot", () => {
    it.each([
      ["bad-request", { sizeBytes: 0 }],
      ["bad-request", { sizeBytes: -1 }],
      ["bad-request", { sizeBytes: 1.5 }],
      ["bad-request", { sizeBytes: 2 ** 53 }],
      ["too-large", { sizeBytes: 1024 ** 4 + 1 }],
      ["bad-request", { md5: "abc" }],
      ["digest-mismatch", { sha256: "0".repeat(64) }],
      ["digest-mismatch", { sha256: "nonsense" }],
    ])("rejects with %s: %j", async (code, request) => {
      await expect(open(request)).rejects.toMatchObject({ code });
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });
  });
});

describe("receiveUpload", () => {
  describe("when the bytes are the image's", () => {
    it("returns their SHA-256 as ETag, and does so again", async () => {
      const { uploadId } = await open({ md5: createHash("md5").update(SIF).digest("hex") });
      expect(await receive(uploadId)).toEqual({ etag: `"${sha256Of(SIF)}"` });
      expect(await receive(uploadId)).toEqual({ etag: `"${sha256Of(SIF)}"` });
    });
  });

  describe("when they are not", () => {
    it.each([
      ["digest-mismatch", bodyOf(Buffer.alloc(SIF.length))],
      ["size-mismatch", bodyOf(SIF.subarray(1))],
      ["size-mismatch", bodyOf(SIF, { breakAfter: 1000 })],
    ])("rejects with %s and keeps what arrived before", async (code, body) => {
      const { image, uploadId } = await open();
      await receiveUpload(site.library, site.alice, { uploadId, body: bodyOf(SIF) });
      const receiving = receiveUpload(site.library, site.alice, { uploadId, body });
      await expect(receiving).rejects.toMatchObject({ code });
      const uploaded = await completeSingleUpload(site.library, site.alice, image);
      expect(await storedBytes(site.library, uploaded)).toEqual(Buffer.from(SIF));
    });

    it("rejects another MD5 than was announced", async () => {
      const { uploadId } = await open({ md5: "0".repeat(32) });
      const receiving = receiveUpload(site.library, site.alice, { uploadId, body: bodyOf(SIF) });
      await expect(receiving).rejects.toMatchObject({ code: "digest-mismatch" });
    });
  });

  describe("when the upload is not the caller's or not open", () => {
    it("rejects with upload-closed", async () => {
      const { image, uploadId } = await open();
      await expect(receive(uploadId, site.bob)).rejects.toMatchObject(closed);
      await expect(receive("f".repeat(24))).rejects.toMatchObject(closed);
      await expect(receive("../../etc")).rejects.toMatchObject(closed);
      await receiveUpload(site.library, site.alice, { uploadId, body: bodyOf(SIF) });
      await completeSingleUpload(site.library, site.alice, image);
      await expect(receive(uploadId)).rejects.toMatchObject(closed);
    });

    it("rejects with upload-closed when its time is up", async () => {
      const { uploadId } = await open();
      site.clock.nowMs += HOUR_MS;
      await expect(receive(uploadId)).rejects.toMatchObject(closed);
    });
  });

  describe("when bytes arrive", () => {
    it("puts off the expiry", async () => {
      const { uploadId } = await open();
      site.clock.nowMs += HOUR_MS / 2;
      await receiveUpload(site.library, site.alice, { uploadId, body: bodyOf(SIF) });
      const upload = await findUpload(site.library.catalog, uploadId);
      expect(upload?.expiresAtMs).toBe(site.clock.nowMs + HOUR_MS);
    });
  });
});

describe("completeSingleUpload", () => {
  describe("when the bytes have arrived", () => {
    it("returns the image, uploaded and inspected", async () => {
      const image = await push();
      expect(image).toMatchObject({
        isUploaded: true,
        sizeBytes: SIF.length,
        blobDigest: digestOf(SIF),
        arch: "arm64",
        isSigned: true,
        isEncrypted: false,
        updatedBy: "alice",
      });
      expect(image.fingerprints).toHaveLength(1);
      expect(image.sifId).toMatch(/^[0-9a-f-]{36}$/);
      expect(await storedBytes(site.library, image)).toEqual(Buffer.from(SIF));
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });

    it("returns the same when it is done again", async () => {
      const image = await push();
      expect(await completeSingleUpload(site.library, site.alice, image)).toEqual(image);
    });

    it("returns the same to all who do it at once", async () => {
      const image = await site.imageOf(SIF);
      const { id } = await openSingleUpload(site.library, site.alice, image, SIZE);
      await receiveUpload(site.library, site.alice, { uploadId: id, body: bodyOf(SIF) });
      const [first, ...others] = await Promise.all(
        [1, 2, 3, 4].map(() => completeSingleUpload(site.library, site.alice, image)),
      );
      expect(first?.isUploaded).toBe(true);
      for (const other of others) expect(other).toEqual(first);
    });

    it("leaves an image alone that somebody else has uploaded meanwhile", async () => {
      const image = await push();
      site.clock.nowMs += 1000;
      expect(await push(site.bob)).toEqual(image);
    });

    it("lets two images share one blob", async () => {
      const [first, second] = [await push(), await push(site.alice, "second")];
      await deleteImage(site.library.catalog, first.id);
      expect(await storedBytes(site.library, second)).toEqual(Buffer.from(SIF));
    });
  });

  describe("when no bytes have arrived", () => {
    it("rejects with conflict", async () => {
      const image = await site.imageOf(SIF);
      const completing = () => completeSingleUpload(site.library, site.alice, image);
      await expect(completing()).rejects.toMatchObject({ code: "conflict" });
      await openSingleUpload(site.library, site.alice, image, SIZE);
      await expect(completing()).rejects.toMatchObject({ code: "conflict" });
    });

    it("rejects with conflict even if somebody else has uploaded the same bytes elsewhere", async () => {
      await push(site.bob, "second");
      const image = await site.imageOf(SIF);
      await openSingleUpload(site.library, site.alice, image, SIZE);
      const completing = completeSingleUpload(site.library, site.alice, image);
      await expect(completing).rejects.toMatchObject({ code: "conflict" });
    });
  });

  describe("when the bytes have arrived in one of several uploads", () => {
    it("completes that one", async () => {
      const image = await site.imageOf(SIF);
      const { id } = await openSingleUpload(site.library, site.alice, image, SIZE);
      await receiveUpload(site.library, site.alice, { uploadId: id, body: bodyOf(SIF) });
      site.clock.nowMs += 1000;
      await openSingleUpload(site.library, site.alice, image, SIZE);
      const uploaded = await completeSingleUpload(site.library, site.alice, image);
      expect(uploaded.isUploaded).toBe(true);
      expect(await findUpload(site.library.catalog, id)).toMatchObject({ state: "completed" });
    });
  });

  describe("when the file is not a SIF image", () => {
    const text = Buffer.from("a text, long enough to have a header of 128 bytes ".repeat(5));

    it("rejects with not-a-sif, and stores nothing", async () => {
      const image = await site.imageOf(text);
      const pushing = receiveV1Upload(site.library, site.alice, image, bodyOf(text));
      await expect(pushing).rejects.toMatchObject({ code: "not-a-sif" });
      expect(await findImageById(site.library.catalog, image.id)).toMatchObject({
        isUploaded: false,
      });
      expect(await site.library.blobs.openBlob(digestOf(text))).toBeUndefined();
    });

    it("takes it if the site allows that", async () => {
      const other = await createTestLibrary({ settings: { requireSif: false } });
      const image = await other.imageOf(text);
      const uploaded = await receiveV1Upload(other.library, other.alice, image, bodyOf(text));
      expect(uploaded).toMatchObject({ isUploaded: true, arch: null, isSigned: false });
      await other.close();
    });
  });

  describe("when the image is deleted before it is complete", () => {
    it("rejects, and the staged bytes belong to nobody", async () => {
      const image = await site.imageOf(SIF);
      const { id } = await openSingleUpload(site.library, site.alice, image, SIZE);
      await receiveUpload(site.library, site.alice, { uploadId: id, body: bodyOf(SIF) });
      await deleteImage(site.library.catalog, image.id);
      await expect(completeSingleUpload(site.library, site.alice, image)).rejects.toBeInstanceOf(
        Fault,
      );
    });
  });
});

describe("completing several uploads at once", () => {
  it("reads the descriptors of one file at a time", async () => {
    let reading = 0;
    let mostReading = 0;
    const { blobs } = site.library;
    const openSlowly = async (completed: CompletedUpload) => {
      const bytes = await completed.open();
      const read: typeof bytes.read = async (...range) => {
        mostReading = Math.max(mostReading, ++reading);
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        return bytes.read(...range).finally(() => (reading -= 1));
      };
      return { ...bytes, read };
    };
    const complete: UploadTarget["complete"] = async (...args) => {
      const completed = await blobs.uploads.complete(...args);
      return { ...completed, open: () => openSlowly(completed) };
    };
    const uploads = { ...blobs.uploads, complete };
    const library = { ...site.library, blobs: { ...blobs, uploads } };
    const send = async (bytes: Uint8Array) => {
      const image = await site.imageOf(bytes);
      const request = { sizeBytes: bytes.length };
      const { id } = await openSingleUpload(library, site.alice, image, request);
      await receiveUpload(library, site.alice, { uploadId: id, body: bodyOf(bytes) });
      return image;
    };
    const images = [await send(SIF), await send(OTHER)];
    const completing = images.map((image) => completeSingleUpload(library, site.alice, image));
    const uploaded = (await Promise.all(completing)).map(({ isUploaded }) => isUploaded);
    expect(uploaded).toEqual([true, true]);
    expect(mostReading).toBe(1);
  });
});

describe("receiveV1Upload", () => {
  describe("when the bytes are the image's", () => {
    it("returns the image, uploaded, and leaves nothing staged", async () => {
      const image = await site.imageOf(SIF);
      const uploaded = await receiveV1Upload(site.library, site.alice, image, bodyOf(SIF));
      expect(await storedBytes(site.library, uploaded)).toEqual(Buffer.from(SIF));
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });
  });

  describe("when they are not", () => {
    it.each([
      ["digest-mismatch", bodyOf(OTHER)],
      ["size-mismatch", bodyOf(SIF, { breakAfter: 1000 })],
      ["length-required", { ...bodyOf(SIF), announcedBytes: null }],
    ])("rejects with %s, and leaves nothing staged", async (code, body) => {
      const image = await site.imageOf(SIF);
      const receiving = receiveV1Upload(site.library, site.alice, image, body);
      await expect(receiving).rejects.toMatchObject({ code });
      expect(await findImageById(site.library.catalog, image.id)).toMatchObject({
        isUploaded: false,
      });
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });
  });

  describe("when one user sends one image many times at once", () => {
    it("returns the image to each", async () => {
      const image = await site.imageOf(SIF);
      const uploads = await Promise.all(
        Array.from({ length: 8 }, () =>
          receiveV1Upload(site.library, site.alice, image, bodyOf(SIF)),
        ),
      );
      for (const uploaded of uploads) {
        expect(await storedBytes(site.library, uploaded)).toEqual(Buffer.from(SIF));
      }
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });
  });
});
