import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { BlobStore } from "../blobs/blob-store.js";
import { findLabels } from "../catalog/inspections.js";
import type { Library } from "../library/library.js";
import {
  bodyOf,
  createTestLibrary,
  digestOf,
  type TestLibrary,
} from "../library/uploads/fixtures.contract.js";
import { receiveV1Upload } from "../library/uploads/receive-v1-upload.js";
import { inspectMissed } from "./inspect-missed.js";

const IMAGES = [1, 2, 3].map((seed) => buildSif({ seed, labels: { seed: String(seed) } }));

let site: TestLibrary;

beforeEach(async () => {
  // Nobody hears of the uploads, as if the process had been killed after each.
  site = await createTestLibrary();
  for (const bytes of IMAGES) {
    await receiveV1Upload(site.library, site.alice, await site.imageOf(bytes), bodyOf(bytes));
  }
});

afterEach(() => site.close());

const labels = () =>
  Promise.all(IMAGES.map((bytes) => findLabels(site.library.catalog, digestOf(bytes))));

/** The library with a blob store whose `openBlob` first does something else. */
const withOpening = (library: Library, first: BlobStore["openBlob"]): Library => ({
  ...library,
  blobs: {
    ...library.blobs,
    openBlob: async (digest) => {
      await first(digest);
      return library.blobs.openBlob(digest);
    },
  },
});

describe("inspectMissed", () => {
  describe("when the process was killed before images were inspected", () => {
    it("inspects them after the restart, each once", async () => {
      const restarted = await site.restart();
      expect(await labels()).toEqual([undefined, undefined, undefined]);
      expect(await inspectMissed(restarted)).toBe(3);
      expect(await labels()).toEqual([{ seed: "1" }, { seed: "2" }, { seed: "3" }]);
      expect(await inspectMissed(restarted)).toBe(0);
    });
  });

  describe("when it runs twice at once", () => {
    it("inspects each image once", async () => {
      let opened = 0;
      const library = withOpening(site.library, async () => {
        opened += 1;
        return undefined;
      });
      const counts = await Promise.all([inspectMissed(library), inspectMissed(library)]);
      expect(counts[0] + counts[1]).toBe(3);
      expect(opened).toBe(3);
    });
  });

  describe("when one cannot be read", () => {
    it("inspects the others, rejects with the failure, and tries again the next time", async () => {
      const fault = new Error("fault");
      const bad = digestOf(IMAGES[1]!);
      const library = withOpening(site.library, async (digest) => {
        if (digest === bad) throw fault;
        return undefined;
      });
      await expect(inspectMissed(library)).rejects.toMatchObject({ errors: [fault] });
      expect(await labels()).toEqual([{ seed: "1" }, undefined, { seed: "3" }]);
      expect(await inspectMissed(site.library)).toBe(1);
    });
  });

  describe("when stored bytes are lost", () => {
    it("rejects with internal", async () => {
      await site.library.blobs.deleteBlob(digestOf(IMAGES[0]!));
      await expect(inspectMissed(site.library)).rejects.toMatchObject({
        errors: [{ code: "internal" }],
      });
    });
  });

  describe("when it is told to stop", () => {
    it("stops before the next image", async () => {
      const stopping = new AbortController();
      const library = withOpening(site.library, async () => {
        stopping.abort();
        return undefined;
      });
      expect(await inspectMissed(library, stopping.signal)).toBe(0);
      expect(await labels()).toEqual([undefined, undefined, undefined]);
      expect(await inspectMissed(site.library, AbortSignal.abort())).toBe(0);
    });
  });
});
