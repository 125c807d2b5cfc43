import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { isInspected } from "../catalog/inspections.js";
import {
  bodyOf,
  createTestLibrary,
  digestOf,
  type TestLibrary,
} from "./uploads/fixtures.contract.js";
import { receiveV1Upload } from "./uploads/receive-v1-upload.js";
import { inspectBlob } from "./inspect-blob.js";

const SIF = buildSif();
const DIGEST = digestOf(SIF);

let site: TestLibrary;

beforeEach(async () => {
  site = await createTestLibrary();
  await receiveV1Upload(site.library, site.alice, await site.imageOf(SIF), bodyOf(SIF));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await site.close();
});

describe("inspectBlob", () => {
  it("inspects stored bytes once, and bytes that are not stored never", async () => {
    expect(await inspectBlob(site.library, DIGEST)).toBe(true);
    expect(await inspectBlob(site.library, DIGEST)).toBe(false);
    expect(await inspectBlob(site.library, digestOf(buildSif({ seed: 2 })))).toBe(false);
  });

  describe("when reading takes too long", () => {
    it("rejects with unavailable, and inspects the next time", async () => {
      const deadline = new AbortController();
      vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(deadline.signal);
      const openBlob: typeof site.library.blobs.openBlob = async (digest) => {
        deadline.abort();
        return site.library.blobs.openBlob(digest);
      };
      const slow = { ...site.library, blobs: { ...site.library.blobs, openBlob } };
      await expect(inspectBlob(slow, DIGEST)).rejects.toMatchObject({ code: "unavailable" });
      expect(await isInspected(site.library.catalog, DIGEST)).toBe(false);
      expect(await inspectBlob(site.library, DIGEST)).toBe(true);
    });
  });

  describe("when it is aborted", () => {
    it("rejects with the reason, and lets the next one in", async () => {
      const reason = new Error("enough");
      const aborted = inspectBlob(site.library, DIGEST, AbortSignal.abort(reason));
      await expect(aborted).rejects.toBe(reason);
      expect(await inspectBlob(site.library, DIGEST)).toBe(true);
    });
  });
});
