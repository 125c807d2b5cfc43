import { buildSif } from "@sifshelf/testing";
import { afterEach, describe, expect, it } from "vitest";

import type { BlobStore } from "../../blobs/blob-store.js";
import { findBlob } from "../../catalog/blobs.js";
import { deleteImage, findImageById } from "../../catalog/images.js";
import { hasDueJob } from "../../catalog/work/jobs.js";
import { findUpload } from "../../catalog/uploads.js";
import { createLeases, holdLease, type LeaseName } from "../../coordination/leases.js";
import { WHOLE_TASK } from "../../upkeep/fixtures.contract.js";
import { sweepOrphans } from "../../upkeep/sweep-orphans.js";
import { completeSingleUpload } from "./complete-upload.js";
import { bodyOf, createTestLibrary, digestOf, type TestLibrary } from "./fixtures.contract.js";
import { openSingleUpload } from "./open-upload.js";
import { receiveUpload } from "./receive-upload.js";

const SIF = buildSif();
const DIGEST = digestOf(SIF);

let site: TestLibrary;
/** What happens when the file has got its name, before the catalog knows. */
let afterPublishing: () => Promise<void>;

async function setUp() {
  afterPublishing = async () => {};
  const spoil = (blobs: BlobStore): BlobStore => ({
    ...blobs,
    uploads: {
      ...blobs.uploads,
      async complete(upload, options) {
        const completed = await blobs.uploads.complete(upload, options);
        return {
          ...completed,
          async publish() {
            await completed.publish();
            await afterPublishing();
          },
        };
      },
    },
  });
  site = await createTestLibrary({ spoil });
  const image = await site.imageOf(SIF);
  const { id } = await openSingleUpload(site.library, site.alice, image, { sizeBytes: SIF.length });
  await receiveUpload(site.library, site.alice, { uploadId: id, body: bodyOf(SIF) });
  return { image, uploadId: id };
}

afterEach(() => site.close());

const complete = async () =>
  completeSingleUpload(site.library, site.alice, await site.imageOf(SIF));

async function storedDigests(): Promise<string[]> {
  const digests: string[] = [];
  for await (const { digest } of site.library.blobs.listBlobs()) digests.push(digest);
  return digests;
}

/** Another process takes the lease and gives it back, while this one is suspended. */
async function overtake(name: LeaseName): Promise<void> {
  const now = () => Date.now() + 60_000;
  await holdLease({ ...site.library, leases: createLeases({ now }) }, name, async () => {});
}

describe("publishUpload", () => {
  it("enqueues the inspection with the image", async () => {
    await setUp();
    expect(await hasDueJob(site.library.catalog, ["inspect"])).toBe(false);
    await complete();
    expect(await hasDueJob(site.library.catalog, ["inspect"])).toBe(true);
  });

  describe("when the image is deleted during the completion", () => {
    it("rejects with upload-closed, and leaves no bytes behind", async () => {
      const { image } = await setUp();
      afterPublishing = async () => void (await deleteImage(site.library.catalog, image.id));
      await expect(complete()).rejects.toMatchObject({ code: "upload-closed" });
      expect(await storedDigests()).toEqual([]);
      expect(await hasDueJob(site.library.catalog, ["inspect"])).toBe(false);
    });

    it("leaves the bytes to another upload of the same", async () => {
      const { image } = await setUp();
      const second = await site.imageOf(SIF, "second");
      await openSingleUpload(site.library, site.bob, second, { sizeBytes: SIF.length });
      afterPublishing = async () => void (await deleteImage(site.library.catalog, image.id));
      await expect(complete()).rejects.toMatchObject({ code: "upload-closed" });
      expect(await storedDigests()).toEqual([DIGEST]);
    });
  });

  describe.each([
    ["upload", (uploadId: string): LeaseName => `upload:${uploadId}`],
    ["bytes", (): LeaseName => `digest:${DIGEST}`],
  ])("when another process took over the %s meanwhile", (_, nameOf) => {
    it("rejects with unavailable, changes nothing, and succeeds when it is tried again", async () => {
      const { image, uploadId } = await setUp();
      afterPublishing = () => overtake(nameOf(uploadId));
      await expect(complete()).rejects.toMatchObject({ code: "unavailable" });
      const { catalog } = site.library;
      expect(await findImageById(catalog, image.id)).toMatchObject({ isUploaded: false });
      expect(await findUpload(catalog, uploadId)).toMatchObject({ state: "open" });
      expect(await findBlob(catalog, DIGEST)).toBeUndefined();
      expect(await hasDueJob(catalog, ["inspect"])).toBe(false);
      expect(await sweepOrphans(site.library, WHOLE_TASK)).toBe(0);
      afterPublishing = async () => {};
      expect(await complete()).toMatchObject({ isUploaded: true });
    });
  });
});
