import { parseImageHash } from "@sifshelf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Catalog } from "./catalog.js";
import type { ImageRecord } from "./records.js";
import {
  deleteEndedUploads,
  findUpload,
  insertUpload,
  isHashAwaited,
  listExpiredUploads,
  listUploadIds,
  listUploadParts,
  setUploadState,
  touchUpload,
} from "./uploads.js";
import { forgetUploadPart, noteUploadPart } from "./note-upload-part.js";
import { findUploadOfImage } from "./upload-of-image.js";
import {
  type OpenedCatalog,
  NOW_MS,
  createFixtures,
  digestNumber,
  newUpload,
} from "./fixtures.contract.js";

/** What every catalog must do with uploads. */
export function describeUploads(openCatalog: () => Promise<OpenedCatalog>): void {
  let opened: OpenedCatalog;
  let catalog: Catalog;
  let make: ReturnType<typeof createFixtures>;

  beforeEach(async () => {
    opened = await openCatalog();
    catalog = opened.catalog;
    make = createFixtures(catalog);
  });
  afterEach(() => opened.close());

  describe("uploads", () => {
    let image: ImageRecord;
    let userId: string;

    beforeEach(async () => {
      const alice = await make.user("alice");
      userId = alice.id;
      image = await make.image((await make.container(alice, "lab/tools/app")).id, 1);
    });

    it("returns a new upload, open", async () => {
      const upload = await insertUpload(catalog, newUpload(image, userId));

      expect(upload).toMatchObject({
        imageId: image.id,
        userId,
        kind: "multipart",
        state: "open",
        totalParts: 3,
      });
      expect(await findUpload(catalog, upload.id)).toEqual(upload);
      expect(await findUpload(catalog, "0".repeat(24))).toBeUndefined();
    });

    it("ends an upload once: of many at once, one wins", async () => {
      const { id } = await insertUpload(catalog, newUpload(image, userId));
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          setUploadState(catalog, id, n % 2 === 0 ? "completed" : "aborted"),
        ),
      );

      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await findUpload(catalog, id))?.state).toBe(results[0] ? "completed" : "aborted");
    });

    it("puts off the expiry of an open upload only, and never brings it forward", async () => {
      const { id } = await insertUpload(catalog, newUpload(image, userId));

      expect(await touchUpload(catalog, id, NOW_MS + 50)).toBe(true);
      expect(await touchUpload(catalog, id, NOW_MS + 20)).toBe(true);
      await setUploadState(catalog, id, "completed");
      expect(await touchUpload(catalog, id, NOW_MS + 99)).toBe(false);
      expect((await findUpload(catalog, id))?.expiresAtMs).toBe(NOW_MS + 50);
    });

    it("notes parts by number, replaces and forgets them", async () => {
      const { id: uploadId } = await insertUpload(catalog, newUpload(image, userId));
      const part = { uploadId, sizeBytes: 4, etag: "aa", nowMs: NOW_MS };
      for (const partNumber of [10, 2, 1]) await noteUploadPart(catalog, { ...part, partNumber });
      await noteUploadPart(catalog, { ...part, partNumber: 2, sizeBytes: 5, etag: "bb" });
      expect(await forgetUploadPart(catalog, { ...part, partNumber: 10 })).toBe(true);
      expect(await forgetUploadPart(catalog, { ...part, partNumber: 11 })).toBe(false);

      expect(await listUploadParts(catalog, uploadId)).toEqual([
        { partNumber: 1, sizeBytes: 4, etag: "aa" },
        { partNumber: 2, sizeBytes: 5, etag: "bb" },
      ]);
    });

    it.each(["completed", "aborted", "expired"] as const)(
      "neither notes nor forgets parts of an upload that is %s",
      async (state) => {
        const { id: uploadId } = await insertUpload(catalog, newUpload(image, userId));
        const part = { uploadId, partNumber: 1, sizeBytes: 4, etag: "aa", nowMs: NOW_MS };
        expect(await noteUploadPart(catalog, part)).toBe(true);
        if (state !== "expired") await setUploadState(catalog, uploadId, state);
        const late = { ...part, nowMs: state === "expired" ? NOW_MS + 10 : NOW_MS };

        expect(await noteUploadPart(catalog, { ...late, etag: "bb" })).toBe(false);
        expect(await noteUploadPart(catalog, { ...late, partNumber: 2 })).toBe(false);
        expect(await forgetUploadPart(catalog, late)).toBe(false);
        expect(await listUploadParts(catalog, uploadId)).toEqual([
          { partNumber: 1, sizeBytes: 4, etag: "aa" },
        ]);
      },
    );

    it("notes no part of an upload that does not exist", async () => {
      const uploadId = "0".repeat(24);
      const part = { uploadId, partNumber: 1, sizeBytes: 4, etag: "aa", nowMs: NOW_MS };
      expect(await noteUploadPart(catalog, part)).toBe(false);
    });

    it("returns an upload with its image", async () => {
      const upload = await insertUpload(catalog, newUpload(image, userId));
      expect(await findUploadOfImage(catalog, upload.id)).toEqual({ upload, image });
      expect(await findUploadOfImage(catalog, "0".repeat(24))).toBeUndefined();
    });

    it("lists open uploads, and those whose time is up", async () => {
      const expired = await insertUpload(catalog, {
        ...newUpload(image, userId),
        expiresAtMs: NOW_MS,
      });
      const open = await insertUpload(catalog, {
        ...newUpload(image, userId),
        expiresAtMs: NOW_MS + 1,
      });
      const ended = await insertUpload(catalog, {
        ...newUpload(image, userId),
        expiresAtMs: NOW_MS - 1,
      });
      await setUploadState(catalog, ended.id, "aborted");

      const late = { nowMs: NOW_MS, limit: 9 };
      expect(await listExpiredUploads(catalog, late)).toEqual([expired]);
      expect(await listExpiredUploads(catalog, { ...late, after: expired.id })).toEqual([]);
      expect(await listExpiredUploads(catalog, { ...late, limit: 0 })).toEqual([]);
      expect((await listUploadIds(catalog)).toSorted()).toEqual([expired.id, open.id].toSorted());
      expect(await listUploadIds(catalog, "aborted")).toEqual([ended.id]);
    });

    it("tells whether an open upload awaits bytes of a hash", async () => {
      const { id, expiresAtMs } = await insertUpload(catalog, newUpload(image, userId));
      const other = parseImageHash(digestNumber(2).replace(":", "."));

      expect(await isHashAwaited(catalog, image.hash, expiresAtMs - 1)).toBe(true);
      expect(await isHashAwaited(catalog, image.hash, expiresAtMs)).toBe(false);
      expect(await isHashAwaited(catalog, other, expiresAtMs - 1)).toBe(false);
      await setUploadState(catalog, id, "completed");
      expect(await isHashAwaited(catalog, image.hash, expiresAtMs - 1)).toBe(false);
    });

    it("forgets ended uploads after a time, open ones never", async () => {
      const open = await insertUpload(catalog, newUpload(image, userId));
      const ended = await insertUpload(catalog, newUpload(image, userId));
      await setUploadState(catalog, ended.id, "completed");

      const { expiresAtMs } = ended;
      const forget = (expiredBeforeMs: number, limit: number) =>
        deleteEndedUploads(catalog, { expiredBeforeMs, limit });

      expect(await forget(expiresAtMs, 9)).toBe(0);
      expect(await forget(expiresAtMs + 1, 0)).toBe(0);
      expect(await forget(expiresAtMs + 1, 9)).toBe(1);
      expect(await findUpload(catalog, ended.id)).toBeUndefined();
      expect(await findUpload(catalog, open.id)).toEqual(open);
    });
  });
}
