import { join } from "node:path";

import { buildSif } from "@sifshelf/testing";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { findBlob, insertBlobIfAbsent } from "../catalog/blobs.js";
import { digestNumber } from "../catalog/fixtures.contract.js";
import { deleteImage } from "../catalog/images.js";
import { findUpload, setUploadState } from "../catalog/uploads.js";
import { createLeases, holdLease } from "../coordination/leases.js";
import { completeSingleUpload } from "../library/uploads/complete-upload.js";
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
import { collectBlobs } from "./collect-blobs.js";
import { expireUploads } from "./expire-uploads.js";
import { WHOLE_TASK } from "./fixtures.contract.js";
import { forgetEnded } from "./forget-ended.js";
import { sweepOrphans } from "./sweep-orphans.js";
import { sweepStagings } from "./sweep-stagings.js";

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
  return id;
};

const hasBytes = async () => {
  const blob = await site.library.blobs.openBlob(DIGEST);
  await blob?.close();
  return blob !== undefined;
};

describe("expireUploads", () => {
  describe("when the time of an upload is up", () => {
    it("ends it and deletes its bytes", async () => {
      const { id } = await openUpload();
      await receiveUpload(site.library, site.alice, { uploadId: id, body: bodyOf(SIF) });
      expect(await expireUploads(site.library, WHOLE_TASK)).toBe(0);
      site.clock.nowMs += HOUR_MS;
      expect(await expireUploads(site.library, WHOLE_TASK)).toBe(1);
      expect(await findUpload(site.library.catalog, id)).toMatchObject({ state: "aborted" });
      expect(await site.library.blobs.uploads.list()).toEqual([]);
    });
  });

  describe("when more are expired than one batch has", () => {
    it("ends all, and goes on after those of the last attempt", async () => {
      const image = await site.imageOf(SIF);
      const ids: string[] = [];
      for (let n = 0; n < 103; n++) {
        ids.push((await openSingleUpload(site.library, site.alice, image, { sizeBytes: 1 })).id);
      }
      site.clock.nowMs += HOUR_MS;
      const [first = "", second = "", ...others] = ids.toSorted();
      const saved: string[] = [];
      const saveProgress = async (progress: string) => void saved.push(progress);
      const task = { ...WHOLE_TASK, progress: first, saveProgress };
      expect(await expireUploads(site.library, task)).toBe(102);
      expect(saved).toEqual([others[98]]);
      expect(await findUpload(site.library.catalog, first)).toMatchObject({ state: "open" });
      expect(await findUpload(site.library.catalog, second)).toMatchObject({ state: "aborted" });
    });
  });

  describe("when it is to stop", () => {
    it("throws the reason, and ends no more", async () => {
      const { id } = await openUpload();
      site.clock.nowMs += HOUR_MS;
      const reason = new Error("stop");
      const task = { ...WHOLE_TASK, signal: AbortSignal.abort(reason) };
      await expect(expireUploads(site.library, task)).rejects.toBe(reason);
      expect(await findUpload(site.library.catalog, id)).toMatchObject({ state: "open" });
    });
  });

  describe("when an upload ended long ago", () => {
    it("forgets it", async () => {
      const { id } = await openUpload();
      site.clock.nowMs += HOUR_MS;
      await expireUploads(site.library, WHOLE_TASK);
      site.clock.nowMs += 8 * 24 * HOUR_MS;
      await expireUploads(site.library, WHOLE_TASK);
      expect(await findUpload(site.library.catalog, id)).toBeUndefined();
    });
  });
});

describe("sweepStagings", () => {
  it("deletes what belongs to no open upload, and nothing else", async () => {
    const kept = await openUpload();
    const orphan = "f".repeat(24);
    await site.library.blobs.uploads.begin({ ...kept, id: orphan });
    expect(await sweepStagings(site.library, WHOLE_TASK)).toBe(1);
    expect(await site.library.blobs.uploads.list()).toEqual([kept.id]);
    await deleteImage(site.library.catalog, kept.imageId);
    expect(await sweepStagings(site.library, WHOLE_TASK)).toBe(1);
    expect(await site.library.blobs.uploads.list()).toEqual([]);
  });
});

describe("sweepStagings, for a disk that is full", () => {
  it("frees the bytes of expired and ended uploads without writing to the catalog", async () => {
    await openUpload();
    const other = await openUpload();
    await setUploadState(site.library.catalog, other.id, "aborted");
    site.clock.nowMs += HOUR_MS;
    const kept = await openUpload();
    const database = new Database(join(site.folder, "catalog.sqlite"), { readonly: true });
    const before = database.pragma("data_version");
    expect(await sweepStagings(site.library, WHOLE_TASK)).toBe(2);
    expect(await site.library.blobs.uploads.list()).toEqual([kept.id]);
    expect(database.pragma("data_version")).toEqual(before);
    expect(await expireUploads(site.library, WHOLE_TASK)).toBe(1);
    expect(database.pragma("data_version")).not.toEqual(before);
    database.close();
  });

  it("leaves an upload alone that is being completed", async () => {
    const { id } = await openUpload();
    site.clock.nowMs += HOUR_MS;
    const sweptMeanwhile = await holdLease(site.library, `upload:${id}`, () =>
      sweepStagings(site.library, WHOLE_TASK),
    );
    expect(sweptMeanwhile).toBe(0);
    expect(await sweepStagings(site.library, WHOLE_TASK)).toBe(1);
  });
});

describe("collectBlobs", () => {
  describe("when no image refers to a blob", () => {
    it("deletes row and bytes", async () => {
      const { id } = await push();
      site.clock.nowMs += 1;
      expect(await collectBlobs(site.library, WHOLE_TASK)).toBe(0);
      await deleteImage(site.library.catalog, id);
      expect(await collectBlobs(site.library, WHOLE_TASK)).toBe(1);
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
      expect(await collectBlobs(site.library, WHOLE_TASK)).toBe(0);
      expect(await storedBytes(site.library, second)).toEqual(Buffer.from(SIF));
    });
  });

  describe("when there are more blobs than one batch has", () => {
    it("collects all, and goes on after those of the last attempt", async () => {
      for (let n = 0; n < 502; n++) {
        const blob = { digest: digestNumber(n), sizeBytes: 1, createdAtMs: 1 };
        await insertBlobIfAbsent(site.library.catalog, blob);
      }
      const saved: string[] = [];
      const saveProgress = async (progress: string) => void saved.push(progress);
      const task = { ...WHOLE_TASK, progress: digestNumber(0), saveProgress };
      expect(await collectBlobs(site.library, task)).toBe(501);
      expect(saved).toEqual([digestNumber(500)]);
      expect(await findBlob(site.library.catalog, digestNumber(0))).toBeDefined();
    });
  });
});

describe("sweepOrphans", () => {
  describe("when the catalog does not know stored bytes", () => {
    it("deletes them, however young, once no open upload may claim them", async () => {
      const id = await publishOrphan();
      expect(await sweepOrphans(site.library, WHOLE_TASK)).toBe(0);
      expect(await hasBytes()).toBe(true);
      await setUploadState(site.library.catalog, id, "aborted");
      expect(await sweepOrphans(site.library, WHOLE_TASK)).toBe(1);
      expect(await hasBytes()).toBe(false);
    });

    it("deletes those of an upload whose time is up, before that is ended", async () => {
      await publishOrphan();
      site.clock.nowMs += HOUR_MS;
      expect(await sweepOrphans(site.library, WHOLE_TASK)).toBe(1);
      expect(await hasBytes()).toBe(false);
    });

    it("keeps those that a completion may still claim, so that it succeeds", async () => {
      await publishOrphan();
      await sweepOrphans(site.library, WHOLE_TASK);
      const image = await site.imageOf(SIF);
      const uploaded = await completeSingleUpload(site.library, site.alice, image);
      expect(await storedBytes(site.library, uploaded)).toEqual(Buffer.from(SIF));
    });

    it("waits for a publisher, in another process too", async () => {
      const id = await publishOrphan();
      await setUploadState(site.library.catalog, id, "aborted");
      const other = { ...site.library, leases: createLeases() };
      let sweeping: Promise<number> | undefined;
      await holdLease(other, `digest:${DIGEST}`, async () => {
        sweeping = sweepOrphans(site.library, WHOLE_TASK);
        const { turns } = site.library.leases;
        await vi.waitFor(() => expect(turns.countOf(`digest:${DIGEST}`)).toBe(1));
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(await hasBytes()).toBe(true);
      });
      expect(await sweeping).toBe(1);
      expect(await hasBytes()).toBe(false);
    });

    it("throws the reason when it is to stop, and goes on after the last attempt", async () => {
      const id = await publishOrphan();
      await setUploadState(site.library.catalog, id, "aborted");
      const reason = new Error("stop");
      const stopped = { ...WHOLE_TASK, signal: AbortSignal.abort(reason) };
      await expect(sweepOrphans(site.library, stopped)).rejects.toBe(reason);
      expect(await sweepOrphans(site.library, { ...WHOLE_TASK, progress: DIGEST })).toBe(0);
      expect(await hasBytes()).toBe(true);
    });
  });

  describe("when it knows them", () => {
    it("keeps them", async () => {
      await push();
      site.clock.nowMs = Date.now() + HOUR_MS;
      expect(await sweepOrphans(site.library, WHOLE_TASK)).toBe(0);
      expect(await hasBytes()).toBe(true);
    });
  });
});

describe("forgetEnded", () => {
  it("forgets leases that ended an hour ago", async () => {
    const clock = { nowMs: 1_000_000_000 };
    const leases = createLeases({ now: () => clock.nowMs });
    const library = { catalog: site.library.catalog, leases };
    for (const name of ["upload:1", "upload:2"] as const) {
      await holdLease(library, name, async () => {});
    }
    clock.nowMs += HOUR_MS;
    // The one with the highest fence stays.
    expect(await forgetEnded(library, WHOLE_TASK)).toBe(1);
    expect(await forgetEnded(library, WHOLE_TASK)).toBe(0);
  });
});
