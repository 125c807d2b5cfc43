import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { abortMultipartUpload } from "./abort-upload.js";
import {
  bodyOf,
  createTestLibrary,
  HOUR_MS,
  sha256Of,
  type TestLibrary,
} from "./fixtures.contract.js";
import { findOpenMultipartUpload } from "./multipart-upload-state.js";
import { openSingleUpload } from "./open-upload.js";
import { receivePart } from "./receive-part.js";

const SIF = buildSif({ payloadBytes: 40_000 });
const PART_BYTES = 20_000;

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

const send = (partNumber: number, breakAfter?: number) =>
  receivePart(site.library, site.alice, {
    uploadId: upload.id,
    partNumber,
    sha256: sha256Of(partOf(partNumber)),
    body: bodyOf(partOf(partNumber), breakAfter === undefined ? {} : { breakAfter }),
  });

const find = (uploadId?: string, principal = site.alice, imageId = image.id) =>
  findOpenMultipartUpload(site.library, principal, { imageId, uploadId });

const closed = { code: "upload-closed" };

describe("findOpenMultipartUpload", () => {
  describe("when some parts have arrived", () => {
    it("returns those that arrived whole, also out of order and after a restart", async () => {
      await send(3);
      await send(1);
      await expect(send(2, 500)).rejects.toMatchObject({ code: "size-mismatch" });
      const library = await site.restart();
      const names = { imageId: image.id, uploadId: upload.id };
      const state = await findOpenMultipartUpload(library, site.alice, names);
      expect(state.upload.id).toBe(upload.id);
      expect(state.parts).toEqual(
        [1, 3].map((partNumber) => ({
          partNumber,
          sizeBytes: partOf(partNumber).length,
          etag: sha256Of(partOf(partNumber)),
        })),
      );
    });
  });

  describe("when no upload is named", () => {
    it("returns the newest open one in parts", async () => {
      site.clock.nowMs += 1000;
      const newer = await site.openSmallParts(image, SIF.length, PART_BYTES);
      await openSingleUpload(site.library, site.alice, image, { sizeBytes: SIF.length });
      expect((await find()).upload.id).toBe(newer.id);
      await abortMultipartUpload(site.library, site.alice, {
        imageId: image.id,
        uploadId: newer.id,
      });
      expect((await find()).upload.id).toBe(upload.id);
    });
  });

  describe("when there is no such open upload of the user", () => {
    it("rejects with upload-closed for someone else's", async () => {
      await expect(find(undefined, site.bob)).rejects.toMatchObject(closed);
      await expect(find(upload.id, site.bob)).rejects.toMatchObject(closed);
    });

    it("rejects with upload-closed for one of another image", async () => {
      const other = await site.imageOf(SIF, "second");
      await expect(find(undefined, site.alice, other.id)).rejects.toMatchObject(closed);
      await expect(find(upload.id, site.alice, other.id)).rejects.toMatchObject(closed);
    });

    it("rejects with upload-closed once it has expired", async () => {
      site.clock.nowMs += HOUR_MS + 1;
      await expect(find()).rejects.toMatchObject(closed);
      await expect(find(upload.id)).rejects.toMatchObject(closed);
    });
  });
});
