import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { deleteBlobIfUnreferenced, insertBlobIfAbsent, listBlobStates } from "./blobs.js";
import type { Catalog } from "./catalog.js";
import {
  CONTENTS,
  NOW_MS,
  type OpenedCatalog,
  createFixtures,
  digestNumber,
} from "./fixtures.contract.js";
import { deleteImage } from "./images.js";
import {
  findInspection,
  findLabels,
  insertInspectionIfAbsent,
  isInspected,
} from "./inspections.js";

const DIGEST = digestNumber(1);

/** What every catalog must do with what inspection found. */
export function describeInspections(openCatalog: () => Promise<OpenedCatalog>): void {
  describe("inspections", () => {
    let opened: OpenedCatalog;
    let catalog: Catalog;

    const insert = (contents = CONTENTS) =>
      insertInspectionIfAbsent(catalog, { digest: DIGEST, contents, nowMs: NOW_MS });

    beforeEach(async () => {
      opened = await openCatalog();
      catalog = opened.catalog;
      await insertBlobIfAbsent(catalog, { digest: DIGEST, sizeBytes: 1, createdAtMs: NOW_MS });
    });
    afterEach(() => opened.close());

    it("returns what was found, all of it or the labels alone", async () => {
      expect(await isInspected(catalog, DIGEST)).toBe(false);
      expect(await findInspection(catalog, DIGEST)).toBeUndefined();
      expect(await findLabels(catalog, DIGEST)).toBeUndefined();
      expect(await insert()).toBe(true);

      expect(await isInspected(catalog, DIGEST)).toBe(true);
      expect(await findInspection(catalog, DIGEST)).toEqual(CONTENTS);
      expect(await findLabels(catalog, DIGEST)).toEqual(CONTENTS.labels);
    });

    it("returns hostile text as it was found", async () => {
      const text = "\u0000\u0001\u001b[2J\u202e '\"\\%_ \ud83d\ude00 \u2028";
      const labels = Object.fromEntries([
        [text, text],
        ["__proto__", "x"],
        ["constructor", "y"],
        ["", ""],
      ]);
      const objects = [{ id: 1, type: "FS", name: text, size: 2 ** 50 }];
      const contents = { ...CONTENTS, labels, deffile: text, runscript: text, objects };
      await insert(contents);

      const found = await findInspection(catalog, DIGEST);
      expect(found).toEqual(contents);
      expect(Object.entries(found!.labels)).toEqual(Object.entries(labels));
    });

    it("keeps what was noted first", async () => {
      await insert();

      expect(await insert({ ...CONTENTS, labels: { other: "label" } })).toBe(false);
      expect(await findLabels(catalog, DIGEST)).toEqual(CONTENTS.labels);
    });

    it("notes nothing about a blob that is not there", async () => {
      const digest = digestNumber(2);

      expect(
        await insertInspectionIfAbsent(catalog, { digest, contents: CONTENTS, nowMs: NOW_MS }),
      ).toBe(false);
      expect(await isInspected(catalog, digest)).toBe(false);
    });

    it("forgets it with the blob, not with one of its images", async () => {
      const make = createFixtures(catalog);
      const container = await make.container(await make.user("alice"), "lab/tools/app");
      const image = await make.uploadedImage(container.id, 1);
      await insert();
      await deleteImage(catalog, image.id);

      expect(await isInspected(catalog, DIGEST)).toBe(true);
      expect(await deleteBlobIfUnreferenced(catalog, DIGEST)).toBe(true);
      expect(await isInspected(catalog, DIGEST)).toBe(false);
    });

    it("tells which blobs have been inspected", async () => {
      await insertBlobIfAbsent(catalog, {
        digest: digestNumber(2),
        sizeBytes: 1,
        createdAtMs: NOW_MS,
      });
      await insert();

      expect(await listBlobStates(catalog, { limit: 9 })).toMatchObject([
        { digest: DIGEST, isInspected: true },
        { digest: digestNumber(2), isInspected: false },
      ]);
    });
  });
}
