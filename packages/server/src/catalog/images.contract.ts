import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  deleteBlobIfUnreferenced,
  findBlob,
  insertBlobIfAbsent,
  findKnownBlobs,
  listBlobStates,
} from "./blobs.js";
import { type Catalog } from "./catalog.js";
import { deleteImage, findImageById, findImagesById, markImageUploaded } from "./images.js";
import { listContainerContents } from "./containers.js";
import { findImageAt, findImageDetailsAt } from "./image-lookup.js";
import { insertInspectionIfAbsent } from "./inspections.js";
import type { ContainerRecord } from "./records.js";
import { findTag, listTagNames, listTags, putTag } from "./tags.js";
import { noteUploadPart } from "./note-upload-part.js";
import { findUpload, insertUpload, listUploadParts } from "./uploads.js";
import {
  type OpenedCatalog,
  NOW_MS,
  PLAIN,
  CONTENTS,
  digestNumber,
  createFixtures,
  newUpload,
} from "./fixtures.contract.js";

const APP = { entity: "lab", collection: "tools", container: "app" };
const OTHER = { entity: "lab", collection: "tools", container: "other" };

/** What every catalog must do with images, tags and blobs. */
export function describeImages(openCatalog: () => Promise<OpenedCatalog>): void {
  let opened: OpenedCatalog;
  let catalog: Catalog;
  let make: ReturnType<typeof createFixtures>;

  beforeEach(async () => {
    opened = await openCatalog();
    catalog = opened.catalog;
    make = createFixtures(catalog);
  });
  afterEach(() => opened.close());

  describe("images", () => {
    let container: ContainerRecord;

    beforeEach(async () => {
      container = await make.container(await make.user("alice"), "lab/tools/app");
    });

    it("returns a new image, not uploaded, by id and by hash", async () => {
      const image = await make.image(container.id, 1, { description: "first" });

      expect(image).toMatchObject({
        container,
        description: "first",
        isUploaded: false,
        sizeBytes: 0,
        blobDigest: null,
        arch: null,
        isSigned: null,
        fingerprints: [],
      });
      expect(await findImageById(catalog, image.id)).toEqual(image);
      expect(await findImageAt(catalog, APP, { hash: image.hash })).toEqual(image);
    });

    it("returns the image that was there for the same hash, and another one in another container", async () => {
      const image = await make.image(container.id, 1);
      const other = await make.container(await make.user("bob"), "lab/tools/other");

      expect(await make.image(container.id, 1, { description: "again" })).toEqual(image);
      expect((await make.image(other.id, 1)).id).not.toBe(image.id);
      expect(
        await findImageAt(catalog, OTHER, { hash: (await make.image(container.id, 2)).hash }),
      ).toBeUndefined();
    });

    it("marks an image uploaded once, with what was found in it", async () => {
      const { id } = await make.image(container.id, 1);
      await insertBlobIfAbsent(catalog, {
        digest: digestNumber(1),
        sizeBytes: 7,
        createdAtMs: NOW_MS,
      });
      const uploaded = {
        sizeBytes: 7,
        blobDigest: digestNumber(1),
        inspected: {
          ...PLAIN,
          isSigned: true,
          isEncrypted: true,
          fingerprints: ["ab".repeat(20)],
        },
        updatedBy: "alice",
        nowMs: NOW_MS + 1,
      };

      expect(await markImageUploaded(catalog, id, uploaded)).toBe(true);
      expect(await markImageUploaded(catalog, id, { ...uploaded, sizeBytes: 8 })).toBe(false);
      expect(await findImageById(catalog, id)).toMatchObject({
        isUploaded: true,
        sizeBytes: 7,
        blobDigest: digestNumber(1),
        arch: "amd64",
        isSigned: true,
        isEncrypted: true,
        fingerprints: ["ab".repeat(20)],
        sifId: PLAIN.sifId,
        updatedAtMs: NOW_MS + 1,
      });
    });

    it("does not mark an image uploaded whose blob is not there", async () => {
      const { id } = await make.image(container.id, 1);
      const uploaded = {
        sizeBytes: 7,
        blobDigest: digestNumber(1),
        inspected: PLAIN,
        updatedBy: "",
        nowMs: 1,
      };

      await expect(markImageUploaded(catalog, id, uploaded)).rejects.toBeInstanceOf(Error);
      expect((await findImageById(catalog, id))?.isUploaded).toBe(false);
    });

    it("finds the newest uploaded image of a SIF id, in this container only", async () => {
      const other = await make.container(await make.user("bob"), "lab/tools/other");
      await make.uploadedImage(container.id, 1, { nowMs: NOW_MS });
      const newest = await make.uploadedImage(container.id, 2, { nowMs: NOW_MS + 5 });
      await make.uploadedImage(other.id, 3, { nowMs: NOW_MS + 9 });

      expect((await findImageAt(catalog, APP, { sifId: PLAIN.sifId! }))?.id).toBe(newest.id);
      expect(await findImageAt(catalog, APP, { sifId: "other" })).toBeUndefined();
    });

    it("finds an image by tag and arch, with its tags and labels", async () => {
      const first = await make.uploadedImage(container.id, 1);
      const second = await make.uploadedImage(container.id, 2);
      await make.tag(first, "latest", "amd64");
      await make.tag(first, "latest", "");
      await make.tag(first, "v1", "amd64");
      await make.tag(second, "latest", "arm64");
      await insertInspectionIfAbsent(catalog, {
        digest: digestNumber(1),
        contents: CONTENTS,
        nowMs: NOW_MS,
      });

      expect(await findImageDetailsAt(catalog, APP, { tag: "latest", arch: "amd64" })).toEqual({
        image: first,
        tags: ["latest", "v1"],
        labels: CONTENTS.labels,
      });
      expect(await findImageDetailsAt(catalog, APP, { tag: "latest", arch: "arm64" })).toEqual({
        image: second,
        tags: ["latest"],
        labels: undefined,
      });
      expect(await findImageAt(catalog, APP, { tag: "latest", arch: "" })).toEqual(first);
      for (const selector of [
        { tag: "v1", arch: "arm64" },
        { tag: "v1", arch: "" },
        { tag: "", arch: "amd64" },
      ]) {
        expect(await findImageAt(catalog, APP, selector)).toBeUndefined();
      }
      for (const path of [
        { ...APP, entity: "tools" },
        { ...APP, collection: "lab" },
        { ...APP, container: "other" },
      ]) {
        expect(await findImageAt(catalog, path, { hash: first.hash })).toBeUndefined();
      }
      expect(await findImagesById(catalog, [second.id, "0".repeat(24), first.id])).toEqual(
        new Map([
          [first.id, first],
          [second.id, second],
        ]),
      );
    });

    it("lists uploaded images, oldest first", async () => {
      const second = await make.uploadedImage(container.id, 2, { nowMs: NOW_MS + 5 });
      const first = await make.uploadedImage(container.id, 1, { nowMs: NOW_MS });
      await make.image(container.id, 3);

      const contents = await listContainerContents(catalog, [container.id]);
      expect(contents.get(container.id)?.imageIds).toEqual([first.id, second.id]);
    });

    it("deletes an image with its tags, uploads and parts, and nothing else", async () => {
      const image = await make.uploadedImage(container.id, 1);
      const kept = await make.uploadedImage(container.id, 2);
      await make.tag(image, "latest");
      await make.tag(kept, "stable");
      const upload = await insertUpload(catalog, newUpload(image, container.ownerId));
      await noteUploadPart(catalog, {
        uploadId: upload.id,
        partNumber: 1,
        sizeBytes: 1,
        etag: "ab",
        nowMs: 1,
      });

      expect(await deleteImage(catalog, image.id)).toBe(true);
      expect(await deleteImage(catalog, image.id)).toBe(false);
      expect(await findImageById(catalog, image.id)).toBeUndefined();
      expect(await findUpload(catalog, upload.id)).toBeUndefined();
      expect(await listUploadParts(catalog, upload.id)).toEqual([]);
      expect(await listTags(catalog, container.id)).toEqual([
        { arch: "amd64", name: "stable", imageId: kept.id },
      ]);
    });
  });

  describe("tags", () => {
    it("sets, moves and lists tags by arch", async () => {
      const container = await make.container(await make.user("alice"), "lab/tools/app");
      const first = await make.uploadedImage(container.id, 1);
      const second = await make.uploadedImage(container.id, 2);
      await make.tag(first, "latest", "amd64");
      await make.tag(first, "latest", "");
      await make.tag(first, "v1", "amd64");
      await make.tag(second, "latest", "arm64");
      await make.tag(second, "latest", "");

      expect(await findTag(catalog, container.id, "amd64", "latest")).toEqual({
        arch: "amd64",
        name: "latest",
        imageId: first.id,
      });
      expect((await findTag(catalog, container.id, "", "latest"))?.imageId).toBe(second.id);
      expect(await findTag(catalog, container.id, "arm64", "v1")).toBeUndefined();
      expect(
        (await listTags(catalog, container.id)).map((tag) => `${tag.arch}/${tag.name}`),
      ).toEqual(["/latest", "amd64/latest", "amd64/v1", "arm64/latest"]);
      expect(await listTagNames(catalog, [second.id, first.id, "0".repeat(24)])).toEqual(
        new Map([
          [first.id, ["latest", "v1"]],
          [second.id, ["latest"]],
        ]),
      );
    });

    it("refuses a tag on an image that is not there", async () => {
      const container = await make.container(await make.user("alice"), "lab/tools/app");
      const tag = {
        containerId: container.id,
        arch: "",
        name: "latest",
        imageId: "0".repeat(24),
      };

      await expect(
        putTag(catalog, { ...tag, updatedBy: "alice", nowMs: 1 }),
      ).rejects.toBeInstanceOf(Error);
    });
  });

  describe("blobs", () => {
    it("notes a blob once", async () => {
      await insertBlobIfAbsent(catalog, {
        digest: digestNumber(1),
        sizeBytes: 2 ** 45,
        createdAtMs: 1,
      });
      await insertBlobIfAbsent(catalog, { digest: digestNumber(1), sizeBytes: 9, createdAtMs: 2 });

      expect(await findBlob(catalog, digestNumber(1))).toEqual({
        digest: digestNumber(1),
        sizeBytes: 2 ** 45,
        createdAtMs: 1,
      });
      expect(await findBlob(catalog, digestNumber(2))).toBeUndefined();
    });

    it("forgets a blob only when no image refers to it", async () => {
      const alice = await make.user("alice");
      const first = await make.uploadedImage((await make.container(alice, "lab/tools/a")).id, 1);
      const second = await make.uploadedImage((await make.container(alice, "lab/tools/b")).id, 1);

      expect(await deleteBlobIfUnreferenced(catalog, digestNumber(1))).toBe(false);
      await deleteImage(catalog, first.id);
      expect(await deleteBlobIfUnreferenced(catalog, digestNumber(1))).toBe(false);
      await deleteImage(catalog, second.id);
      expect(await listBlobStates(catalog, { limit: 9 })).toMatchObject([
        { digest: digestNumber(1), isReferenced: false },
      ]);
      expect(await deleteBlobIfUnreferenced(catalog, digestNumber(1))).toBe(true);
      expect(await deleteBlobIfUnreferenced(catalog, digestNumber(1))).toBe(false);
    });

    it("lists blobs with their state, in pages, and knows which digests are noted", async () => {
      const container = await make.container(await make.user("alice"), "lab/tools/app");
      await make.uploadedImage(container.id, 1);
      for (const n of [2, 3])
        await insertBlobIfAbsent(catalog, {
          digest: digestNumber(n),
          sizeBytes: 1,
          createdAtMs: n,
        });

      const referenced = { isReferenced: true, isInspected: false };
      const unreferenced = { isReferenced: false, isInspected: false };
      const first = await listBlobStates(catalog, { limit: 2 });
      expect(first).toEqual([
        { digest: digestNumber(1), createdAtMs: NOW_MS, ...referenced },
        { digest: digestNumber(2), createdAtMs: 2, ...unreferenced },
      ]);
      expect(await listBlobStates(catalog, { limit: 2, after: first[1]?.digest })).toEqual([
        { digest: digestNumber(3), createdAtMs: 3, ...unreferenced },
      ]);
      expect(await listBlobStates(catalog, { limit: 2, after: digestNumber(3) })).toEqual([]);
      expect(await findKnownBlobs(catalog, [4, 3, 1].map(digestNumber))).toEqual(
        new Set([3, 1].map(digestNumber)),
      );
      expect(await findKnownBlobs(catalog, [])).toEqual(new Set());
    });
  });
}
