import { randomBytes } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { PartLedger } from "../../blobs/part-ledger.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { deleteImage } from "../../catalog/images.js";
import { setUploadState } from "../../catalog/uploads.js";
import { createTestLibrary, HOUR_MS, type TestLibrary } from "./fixtures.contract.js";
import { createPartLedger } from "./part-ledger.js";

const PART = { partNumber: 1, sizeBytes: 10, etag: "aa" };
const closed = { code: "upload-closed" };

let site: TestLibrary;
let image: ImageRecord;
let upload: UploadRecord;
let ledger: PartLedger;

beforeEach(async () => {
  site = await createTestLibrary();
  image = await site.imageOf(randomBytes(30));
  upload = await site.openSmallParts(image, 30, 10);
  ledger = createPartLedger(site.library);
});

afterEach(() => site.close());

describe("createPartLedger", () => {
  describe("when the upload is open", () => {
    it("notes parts, replaces them and removes them", async () => {
      await ledger.put(upload.id, { ...PART, partNumber: 2 });
      await ledger.put(upload.id, PART);
      await ledger.put(upload.id, { ...PART, etag: "bb" });
      const parts = [
        { ...PART, etag: "bb" },
        { ...PART, partNumber: 2 },
      ];
      expect(await ledger.list(upload.id)).toEqual(parts);
      expect(await ledger.find(upload.id, 1)).toEqual(parts[0]);
      await ledger.remove(upload.id, 1);
      expect(await ledger.find(upload.id, 1)).toBeUndefined();
      expect(await ledger.list(upload.id)).toEqual([parts[1]]);
    });
  });

  describe("when the upload is not open", () => {
    it.each<[string, () => Promise<unknown>]>([
      ["aborted", () => setUploadState(site.library.catalog, upload.id, "aborted")],
      ["completed", () => setUploadState(site.library.catalog, upload.id, "completed")],
      ["deleted with its image", () => deleteImage(site.library.catalog, image.id)],
      ["expired", async () => (site.clock.nowMs += HOUR_MS)],
    ])("rejects every change with upload-closed: %s", async (_, end) => {
      await ledger.put(upload.id, PART);
      await end();
      const before = await ledger.list(upload.id);
      await expect(ledger.put(upload.id, { ...PART, etag: "bb" })).rejects.toMatchObject(closed);
      const other = { ...PART, partNumber: 2 };
      await expect(ledger.put(upload.id, other)).rejects.toMatchObject(closed);
      await expect(ledger.remove(upload.id, 1)).rejects.toMatchObject(closed);
      expect(await ledger.list(upload.id)).toEqual(before);
    });
  });

  describe("when parts are noted while the upload is aborted", () => {
    it("has exactly those that it acknowledged, none after the abort", async () => {
      const { catalog } = site.library;
      const put = async (partNumber: number) => {
        await ledger.put(upload.id, { ...PART, partNumber });
        return partNumber;
      };
      const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
      const early = numbers.slice(0, 10).map((number) => put(number));
      const aborting = setUploadState(catalog, upload.id, "aborted");
      const late = numbers.slice(10).map((number) => put(number));
      const results = await Promise.allSettled([...early, ...late]);
      expect(await aborting).toBe(true);
      const noted = results.flatMap((result) =>
        result.status === "fulfilled" ? [result.value] : [],
      );
      for (const result of results) {
        if (result.status === "rejected") expect(result.reason).toMatchObject(closed);
      }
      expect((await ledger.list(upload.id)).map(({ partNumber }) => partNumber)).toEqual(noted);
      await expect(put(30)).rejects.toMatchObject(closed);
    });
  });
});
