import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { findBlob } from "../catalog/blobs.js";
import { deleteImage } from "../catalog/images.js";
import { findUpload } from "../catalog/uploads.js";
import {
  bodyOf,
  createTestLibrary,
  digestOf,
  HOUR_MS,
  storedBytes,
  type TestLibrary,
} from "../library/uploads/fixtures.contract.js";
import { openSingleUpload } from "../library/uploads/open-upload.js";
import { receiveUpload } from "../library/uploads/receive-upload.js";
import { receiveV1Upload } from "../library/uploads/receive-v1-upload.js";
import { collectGarbage, sweepOrphanBlobs } from "./collect-garbage.js";
import { expireUploads, sweepStagings } from "./expire-uploads.js";
import { startUpkeep } from "./run-upkeep.js";

const SIF = buildSif();
const DIGEST = digestOf(SIF);

let site: TestLibrary;

beforeEach(async () => {
  site = await createTestLibrary();
});

afterEach(() => site.close());

const push = async (container: "first" | "second" = "first") =>
  receiveV1Upload(site.library, site.alice, await site.imageOf(SIF, container), bodyOf(SIF));

const openUpload = async () =>
  openSingleUpload(site.library, site.alice, await site.imageOf(SIF), { sizeBytes: SIF.length });

/** Publishes bytes that the catalog does not know, as a kill before the transaction leaves them. */
const publishOrphan = async () => {
  const { id } = await openUpload();
  await receiveUpload(site.library, site.alice, { uploadId: id, body: bodyOf(SIF) });
  const upload = (await findUpload(site.library.catalog, id))!;
  const accept = () => {};
  const bytes = await site.library.blobs.uploads.complete(upload, { digest: DIGEST, accept });
  await bytes.publish();
  await bytes.close();
};

const hasBytes = async () => {
  const blob = await site.library.blobs.openBlob(DIGEST);
  await blob?.close();
  return blob !== undefined;
};

/** Files have the system's time. */
const goToSystemTime = () => {
  site.clock.nowMs = Date.now() + 1000;
};

const createLog = () => {
  const entries: { level: string; facts: object }[] = [];
  return {
    entries,
    info: (facts: object) => void entries.push({ level: "info", facts }),
    error: (facts: object) => void entries.push({ level: "error", facts }),
  };
};

describe("expireUploads", () => {
  describe("when the time of an upload is up", () => {
    it("ends it and deletes its bytes", async () => {
      const { id } = await openUpload();
      await receiveUpload(site.library, site.alice, { uploadId: id, body: bodyOf(SIF) });
      expect(await expireUploads(site.library)).toBe(0);
      site.clock.nowMs += HOUR_MS;
      expect(await expireUploads(site.library)).toBe(1);
      expect(await findUpload(site.library.catalog, id)).toMatchObject({ state: "aborted" });
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });
  });

  describe("when an upload ended long ago", () => {
    it("forgets it", async () => {
      const { id } = await openUpload();
      site.clock.nowMs += HOUR_MS;
      await expireUploads(site.library);
      site.clock.nowMs += 8 * 24 * HOUR_MS;
      await expireUploads(site.library);
      expect(await findUpload(site.library.catalog, id)).toBeUndefined();
    });
  });
});

describe("sweepStagings", () => {
  it("deletes what belongs to no open upload, and nothing else", async () => {
    const kept = await openUpload();
    const orphan = "f".repeat(24);
    await site.library.blobs.uploads.begin({ ...kept, id: orphan });
    expect(await sweepStagings(site.library)).toBe(1);
    expect(await site.library.blobs.uploads.list()).toEqual([kept.id]);
    await deleteImage(site.library.catalog, kept.imageId);
    expect(await sweepStagings(site.library)).toBe(1);
    expect(await site.library.blobs.uploads.list()).toEqual([]);
  });
});

describe("collectGarbage", () => {
  describe("when no image refers to a blob", () => {
    it("deletes row and bytes", async () => {
      const { id } = await push();
      site.clock.nowMs += 1;
      expect(await collectGarbage(site.library)).toBe(0);
      await deleteImage(site.library.catalog, id);
      expect(await collectGarbage(site.library)).toBe(1);
      expect(await findBlob(site.library.catalog, DIGEST)).toBeUndefined();
      expect(await hasBytes()).toBe(false);
    });
  });

  describe("when another image has the same bytes", () => {
    it("keeps them", async () => {
      const first = await push();
      const second = await push("second");
      await deleteImage(site.library.catalog, first.id);
      site.clock.nowMs += 1;
      expect(await collectGarbage(site.library)).toBe(0);
      expect(await storedBytes(site.library, second)).toEqual(Buffer.from(SIF));
    });
  });
});

describe("sweepOrphanBlobs", () => {
  describe("when the catalog does not know stored bytes", () => {
    it("deletes them when they are old enough", async () => {
      await publishOrphan();
      goToSystemTime();
      expect(await sweepOrphanBlobs(site.library, HOUR_MS)).toBe(0);
      expect(await hasBytes()).toBe(true);
      expect(await sweepOrphanBlobs(site.library, 0)).toBe(1);
      expect(await hasBytes()).toBe(false);
    });

    it("deletes none once it is to stop", async () => {
      await publishOrphan();
      goToSystemTime();
      expect(await sweepOrphanBlobs(site.library, 0, AbortSignal.abort())).toBe(0);
    });
  });

  describe("when it knows them", () => {
    it("keeps them", async () => {
      await push();
      goToSystemTime();
      expect(await sweepOrphanBlobs(site.library, 0)).toBe(0);
      expect(await hasBytes()).toBe(true);
    });
  });
});

describe("startUpkeep", () => {
  describe("when it runs", () => {
    it("does all its tasks at once, and says what came of them", async () => {
      const { id } = await push();
      await deleteImage(site.library.catalog, id);
      const expiring = await openUpload();
      site.clock.nowMs += HOUR_MS;
      const log = createLog();
      await untilLogged(startUpkeep(site.library, log), log.entries, 2);
      expect(log.entries).toEqual([
        { level: "info", facts: { task: "expire uploads", count: 1 } },
        { level: "info", facts: { task: "collect garbage", count: 1 } },
      ]);
      expect(await findUpload(site.library.catalog, expiring.id)).toMatchObject({
        state: "aborted",
      });
    });

    it("goes on after the interval", async () => {
      const log = createLog();
      const upkeep = startUpkeep(site.library, log, 5);
      await openUpload();
      site.clock.nowMs += HOUR_MS;
      await untilLogged(upkeep, log.entries, 1);
      expect(log.entries).toEqual([{ level: "info", facts: { task: "expire uploads", count: 1 } }]);
    });
  });

  describe("when a task fails", () => {
    it("logs that and does the others", async () => {
      const { id } = await push();
      await deleteImage(site.library.catalog, id);
      site.clock.nowMs += 1;
      const fault = new Error("fault");
      const uploads = { ...site.library.blobs.uploads, list: () => Promise.reject(fault) };
      const blobs = { ...site.library.blobs, uploads };
      const log = createLog();
      await untilLogged(startUpkeep({ ...site.library, blobs }, log), log.entries, 2);
      expect(log.entries).toEqual([
        { level: "error", facts: { task: "sweep ended uploads", err: fault } },
        { level: "info", facts: { task: "collect garbage", count: 1 } },
      ]);
    });
  });
});

async function untilLogged(
  upkeep: { stop(): Promise<void> },
  entries: readonly object[],
  count: number,
): Promise<void> {
  while (entries.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  await upkeep.stop();
}
