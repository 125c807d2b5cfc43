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
import { claimJob, endJob } from "../catalog/work/jobs.js";
import { fillInspections } from "./fill-inspections.js";
import { WHOLE_TASK } from "./fixtures.contract.js";

const IMAGES = [1, 2, 3].map((seed) => buildSif({ seed, labels: { seed: String(seed) } }));

let site: TestLibrary;

beforeEach(async () => {
  // Nobody does the jobs that the uploads enqueue.
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

describe("fillInspections", () => {
  describe("when images were not inspected", () => {
    it("inspects them, each once", async () => {
      const restarted = await site.restart();
      expect(await labels()).toEqual([undefined, undefined, undefined]);
      expect(await fillInspections(restarted, WHOLE_TASK)).toBe(3);
      expect(await labels()).toEqual([{ seed: "1" }, { seed: "2" }, { seed: "3" }]);
      expect(await fillInspections(restarted, WHOLE_TASK)).toBe(0);
    });
  });

  describe("when it runs twice at once", () => {
    it("inspects each image once", async () => {
      let opened = 0;
      const library = withOpening(site.library, async () => {
        opened += 1;
        return undefined;
      });
      const counts = await Promise.all([
        fillInspections(library, WHOLE_TASK),
        fillInspections(library, WHOLE_TASK),
      ]);
      expect(counts[0] + counts[1]).toBe(3);
      expect(opened).toBe(3);
    });
  });

  describe("when one cannot be read", () => {
    it("inspects the others, and leaves it to a job of its own", async () => {
      const bad = digestOf(IMAGES[1]!);
      const library = withOpening(site.library, async (digest) => {
        if (digest === bad) throw new Error("fault");
        return undefined;
      });
      await endAllJobs();
      expect(await fillInspections(library, WHOLE_TASK)).toBe(2);
      expect(await labels()).toEqual([{ seed: "1" }, undefined, { seed: "3" }]);
      expect(await claimInspection()).toMatchObject({ key: bad });
      expect(await claimInspection()).toBeUndefined();
      expect(await fillInspections(site.library, WHOLE_TASK)).toBe(1);
    });
  });

  describe("when it goes on where another attempt stopped", () => {
    it("inspects the blobs after that", async () => {
      const digests = IMAGES.map((bytes) => digestOf(bytes)).toSorted();
      const task = { ...WHOLE_TASK, progress: digests[0] ?? "" };
      expect(await fillInspections(site.library, task)).toBe(2);
    });
  });

  describe("when it is told to stop", () => {
    it("stops before the next image, and leaves no job behind for it", async () => {
      const stopping = new AbortController();
      const reason = new Error("stop");
      const library = withOpening(site.library, async () => {
        stopping.abort(reason);
        return undefined;
      });
      await endAllJobs();
      const task = { ...WHOLE_TASK, signal: stopping.signal };
      await expect(fillInspections(library, task)).rejects.toBe(reason);
      expect(await labels()).toEqual([undefined, undefined, undefined]);
      expect(await claimInspection()).toBeUndefined();
    });
  });
});

const claimInspection = () =>
  claimJob(site.library.catalog, { kinds: ["inspect"], owner: "test", leaseMs: 60_000 });

/** The jobs that the pushes enqueued go, as if an earlier release had taken the images. */
async function endAllJobs(): Promise<void> {
  for (let job = await claimInspection(); job !== undefined; job = await claimInspection()) {
    await endJob(site.library.catalog, job, { state: "done", result: null });
  }
}
