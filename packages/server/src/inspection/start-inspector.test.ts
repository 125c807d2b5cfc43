import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { BlobStore } from "../blobs/blob-store.js";
import { collectGarbage } from "../upkeep/collect-garbage.js";
import { inspectMissed } from "../upkeep/inspect-missed.js";
import { deleteImage } from "../catalog/images.js";
import { findInspection, findLabels } from "../catalog/inspections.js";
import {
  bodyOf,
  createTestLibrary,
  digestOf,
  type TestLibrary,
} from "../library/uploads/fixtures.contract.js";
import { receiveV1Upload } from "../library/uploads/receive-v1-upload.js";
import { type Inspector, startInspector } from "./start-inspector.js";

const SIF = buildSif({ labels: { version: "1" } });
const DIGEST = digestOf(SIF);

let site: TestLibrary;
let inspector: Inspector;
let logged: object[];
/** What happens before stored bytes are opened. */
let beforeOpening: () => Promise<void>;

beforeEach(async () => {
  logged = [];
  beforeOpening = async () => {};
  const spoil = (blobs: BlobStore): BlobStore => ({
    ...blobs,
    openBlob: async (digest) => {
      await beforeOpening();
      return blobs.openBlob(digest);
    },
  });
  site = await createTestLibrary({ spoil, inspectSoon: (digest) => inspector.inspectSoon(digest) });
  inspector = startInspector(site.library, { error: (facts) => void logged.push(facts) });
});

afterEach(async () => {
  await inspector.stop();
  await site.close();
});

const push = async (bytes = SIF) =>
  receiveV1Upload(site.library, site.alice, await site.imageOf(bytes), bodyOf(bytes));

const labels = () => findLabels(site.library.catalog, DIGEST);

function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Until nothing is under way: inspections are done one after the other, so the next one waits for all before it. */
const settled = () => site.library.locks.hold("inspection", async () => {});

describe("startInspector", () => {
  describe("when an image is uploaded", () => {
    it("inspects it", async () => {
      await push();
      await settled();
      expect(await labels()).toEqual({ version: "1" });
      expect(logged).toEqual([]);
    });

    it("lets the upload complete before it is inspected", async () => {
      const gate = createGate();
      beforeOpening = () => gate.opened;
      expect(await push()).toMatchObject({ isUploaded: true });
      expect(await labels()).toBeUndefined();
      gate.open();
      await settled();
      expect(await labels()).toEqual({ version: "1" });
    });
  });

  describe("when inspecting fails", () => {
    it("keeps the upload, logs it, and leaves the image to upkeep", async () => {
      const fault = new Error("fault");
      beforeOpening = () => Promise.reject(fault);
      expect(await push()).toMatchObject({ isUploaded: true, arch: "amd64" });
      await settled();
      expect(await labels()).toBeUndefined();
      expect(logged).toEqual([{ digest: DIGEST, err: fault }]);
      beforeOpening = async () => {};
      expect(await inspectMissed(site.library)).toBe(1);
      expect(await labels()).toEqual({ version: "1" });
    });
  });

  describe("when an image is deleted before its turn", () => {
    it("notes and logs nothing", async () => {
      const gate = createGate();
      const other = buildSif({ seed: 2 });
      beforeOpening = () => gate.opened;
      await push(other);
      const { id } = await push();
      await deleteImage(site.library.catalog, id);
      site.clock.nowMs += 1;
      expect(await collectGarbage(site.library)).toBe(1);
      gate.open();
      await settled();
      expect(await labels()).toBeUndefined();
      expect(await findInspection(site.library.catalog, digestOf(other))).toBeDefined();
      expect(logged).toEqual([]);
    });
  });

  describe("when many are uploaded at once", () => {
    it("inspects one at a time, and all", async () => {
      let open = 0;
      let mostOpen = 0;
      beforeOpening = async () => {
        open += 1;
        mostOpen = Math.max(mostOpen, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
      };
      const images = Array.from({ length: 8 }, (_, seed) => buildSif({ seed: seed + 1 }));
      await Promise.all(images.map((bytes) => push(bytes)));
      await settled();
      for (const bytes of images) {
        expect(await findInspection(site.library.catalog, digestOf(bytes))).toBeDefined();
      }
      expect(mostOpen).toBe(1);
    });
  });

  describe("when it is stopped", () => {
    it("ends what is under way, leaves what waits, and takes no more", async () => {
      const gate = createGate();
      beforeOpening = () => gate.opened;
      await push();
      const stopped = inspector.stop();
      gate.open();
      await stopped;
      inspector.inspectSoon(DIGEST);
      await settled();
      expect(await labels()).toBeUndefined();
      expect(logged).toEqual([]);
    });
  });

  describe("when the file is no SIF image and the site allows that", () => {
    it("notes that it is none", async () => {
      const text = Buffer.from("a text, long enough to have a header of 128 bytes ".repeat(5));
      const lax = await createTestLibrary({ settings: { requireSif: false } });
      await receiveV1Upload(lax.library, lax.alice, await lax.imageOf(text), bodyOf(text));
      expect(await inspectMissed(lax.library)).toBe(1);
      expect(await findInspection(lax.library.catalog, digestOf(text))).toMatchObject({
        problems: [{ code: "not-a-sif" }],
      });
      await lax.close();
    });
  });
});
