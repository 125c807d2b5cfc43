import { EventEmitter, once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { buildSif } from "@sifshelf/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { BlobStore } from "../../blobs/blob-store.js";
import type { ByteSink } from "../../blobs/byte-sink.js";
import type { CompletedUpload, PartToReceive } from "../../blobs/upload-target.js";
import { findBlob } from "../../catalog/blobs.js";
import { deleteImage, findImageById } from "../../catalog/images.js";
import { findUpload, listUploadParts } from "../../catalog/uploads.js";
import { collectBlobs } from "../../upkeep/collect-blobs.js";
import { expireUploads } from "../../upkeep/expire-uploads.js";
import { WHOLE_TASK } from "../../upkeep/fixtures.contract.js";
import { sweepOrphans } from "../../upkeep/sweep-orphans.js";
import { sweepStagings } from "../../upkeep/sweep-stagings.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { abortMultipartUpload } from "./abort-upload.js";
import { completeMultipartUpload, completeSingleUpload } from "./complete-upload.js";
import {
  bodyOf,
  createTestLibrary,
  digestOf,
  sha256Of,
  storedBytes,
  type TestLibrary,
} from "./fixtures.contract.js";
import { openSingleUpload } from "./open-upload.js";
import { receivePart } from "./receive-part.js";
import { receiveUpload } from "./receive-upload.js";
import { receiveV1Upload } from "./receive-v1-upload.js";

const SIF = buildSif();

/** As many random runs as fit into some seconds: each waits for the disk hundreds of times. */
const RUNS = { numRuns: 40, interruptAfterTimeLimit: 6000 };
const TIMEOUT_MS = 60_000;

class Killed extends Error {}

/** Runs `test` in a library of its own. */
async function withLibrary(
  test: (site: TestLibrary) => Promise<void>,
  spoil?: (blobs: BlobStore) => BlobStore,
): Promise<void> {
  const site = await createTestLibrary(spoil === undefined ? {} : { spoil });
  try {
    await test(site);
  } finally {
    await site.close();
  }
}

/** Lets others go first for a few turns. */
async function yieldTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
}

/** A store whose completed uploads publish in another way. */
const withPublishing =
  (publishOf: (completed: CompletedUpload) => CompletedUpload["publish"]) =>
  (blobs: BlobStore): BlobStore => ({
    ...blobs,
    uploads: {
      ...blobs.uploads,
      async complete(...args) {
        const completed = await blobs.uploads.complete(...args);
        return { ...completed, publish: publishOf(completed) };
      },
    },
  });

/** Calls of the blob store take a few turns longer, so that others get in between. */
const slowedBy = (turns: readonly number[]) => {
  let calls = 0;
  const slow =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args) => {
      await yieldTurns(turns[calls++ % turns.length] ?? 0);
      return call(...args);
    };
  const withSlowPublishing = withPublishing((completed) => slow(() => completed.publish()));
  return (blobs: BlobStore): BlobStore =>
    withSlowPublishing({
      ...blobs,
      deleteBlob: slow((...args) => blobs.deleteBlob(...args)),
      uploads: { ...blobs.uploads, abort: slow((...args) => blobs.uploads.abort(...args)) },
    });
};

/** Every image that says it is uploaded has its bytes, every row of a blob its file. */
async function expectSound(
  { library }: TestLibrary,
  sif: Uint8Array,
  imageIds: readonly string[],
): Promise<void> {
  for (const id of imageIds) {
    const image = await findImageById(library.catalog, id);
    if (image?.isUploaded !== true) continue;
    expect(Buffer.compare((await storedBytes(library, image)) ?? Buffer.alloc(0), sif)).toBe(0);
  }
  const blob = await findBlob(library.catalog, digestOf(sif));
  const bytes = await library.blobs.openBlob(digestOf(sif));
  if (blob !== undefined) expect(bytes?.size).toBe(sif.length);
  await bytes?.close();
}

describe("publishing", () => {
  describe("when eight uploads of the same bytes end at once, in two containers", () => {
    it("succeeds for each, and stores one blob", () =>
      withLibrary(async (site) => {
        const containers = ["first", "second"] as const;
        const images = await Promise.all(containers.map((name) => site.imageOf(SIF, name)));
        const uploaded = await Promise.all(
          [0, 1, 2, 3, 4, 5, 6, 7].map((index) =>
            receiveV1Upload(
              site.library,
              index % 3 === 0 ? site.bob : site.alice,
              images[index % 2]!,
              bodyOf(SIF),
            ),
          ),
        );
        for (const image of uploaded) {
          expect(await storedBytes(site.library, image)).toEqual(Buffer.from(SIF));
        }
        const digests: string[] = [];
        for await (const { digest } of site.library.blobs.listBlobs()) digests.push(digest);
        expect(digests).toEqual([digestOf(SIF)]);
      }));
  });

  describe("when blobs are collected meanwhile", () => {
    it(
      "never leaves an image without bytes, however they interleave",
      { timeout: TIMEOUT_MS },
      () => {
        const turns: number[] = [0];
        return withLibrary(async (site) => {
          const action = fc.constantFrom("push", "push elsewhere", "delete", "collect", "sweep");
          const step = fc.record({ action, delay: fc.nat(30) });
          const steps = fc.array(step, { minLength: 4, maxLength: 10 });
          const delays = fc.array(fc.nat(8), { minLength: 1, maxLength: 6 });
          let seed = 1;
          const property = fc.asyncProperty(delays, steps, async (delaysOfRun, plan) => {
            turns.splice(0, turns.length, ...delaysOfRun);
            await runPlan(site, buildSif({ seed: ++seed }), plan);
          });
          await fc.assert(property, RUNS);
        }, slowedBy(turns));
      },
    );
  });

  interface Step {
    readonly action: string;
    readonly delay: number;
  }

  async function runPlan(site: TestLibrary, sif: Uint8Array, plan: readonly Step[]): Promise<void> {
    const late = { ...site.library, now: () => 4e12 };
    const imageIds: string[] = [];
    const run = async (action: string) => {
      if (action === "collect") return collectBlobs(late, WHOLE_TASK);
      if (action === "sweep") return sweepOrphans(late, WHOLE_TASK);
      const image = await site.imageOf(sif, action === "push elsewhere" ? "second" : "first");
      imageIds.push(image.id);
      if (action === "delete") return deleteImage(site.library.catalog, image.id);
      return receiveV1Upload(site.library, site.alice, image, bodyOf(sif));
    };
    const results = await Promise.allSettled(
      plan.map(async ({ action, delay }) => {
        await yieldTurns(delay);
        return run(action);
      }),
    );
    for (const result of results) {
      // Only an image that is deleted under an upload makes one fail.
      if (result.status === "rejected") {
        expect(result.reason).toMatchObject({
          code: expect.stringMatching(/^(upload-closed|not-found)$/),
        });
      }
    }
    await expectSound(site, sif, imageIds);
    await collectBlobs(late, WHOLE_TASK);
    await expectSound(site, sif, imageIds);
  }
});

describe("an upload in parts", () => {
  const PART_BYTES = 16_000;
  const TOTAL_PARTS = Math.ceil(SIF.length / PART_BYTES);

  describe("when everything happens to it at once", () => {
    it("keeps what it acknowledged", { timeout: TIMEOUT_MS }, async () => {
      const action = fc.constantFrom(
        "part",
        "part",
        "part",
        "cut part",
        "wrong part",
        "complete",
        "complete",
        "abort",
        "expire",
        "sweep",
        "collect",
      );
      const part = fc.integer({ min: 1, max: TOTAL_PARTS });
      const step = fc.record({ action, part, delay: fc.nat(60) });
      const steps = fc.array(step, { minLength: 6, maxLength: 25 });
      await withLibrary(async (site) => {
        let seed = 1;
        const property = fc.asyncProperty(steps, (plan) =>
          runPlan(site, buildSif({ seed: ++seed }), plan),
        );
        await fc.assert(property, RUNS);
      });
    });
  });

  interface Step {
    readonly action: string;
    readonly part: number;
    readonly delay: number;
  }

  async function runPlan(site: TestLibrary, sif: Uint8Array, plan: readonly Step[]): Promise<void> {
    const partOf = (number: number) => sif.subarray((number - 1) * PART_BYTES, number * PART_BYTES);
    const image = await site.imageOf(sif);
    const upload = await site.openSmallParts(image, sif.length, PART_BYTES);
    const { library, alice } = site;
    const uploadOfImage = { imageId: image.id, uploadId: upload.id };
    const completedParts = Array.from({ length: TOTAL_PARTS }, (_, index) => ({
      partNumber: index + 1,
      token: "",
    }));
    const acknowledged = new Set<number>();
    let isCompleted = false;
    const send = async (partNumber: number, cut: number) => {
      const body = bodyOf(partOf(partNumber), { breakAfter: cut, chunkBytes: 1000 });
      const sha256 = sha256Of(partOf(partNumber));
      await receivePart(library, alice, { uploadId: upload.id, partNumber, sha256, body });
      acknowledged.add(partNumber);
    };
    const actions: Record<string, (step: Step) => Promise<unknown>> = {
      part: ({ part }) => send(part, Number.POSITIVE_INFINITY),
      "cut part": ({ part }) => send(part, 500),
      "wrong part": ({ part }) =>
        receivePart(library, alice, {
          uploadId: upload.id,
          partNumber: part,
          sha256: sha256Of(partOf(part)),
          body: bodyOf(Buffer.alloc(partOf(part).length, 0xff), { chunkBytes: 1000 }),
        }),
      async complete() {
        await completeMultipartUpload(library, alice, { ...uploadOfImage, completedParts });
        isCompleted = true;
      },
      abort: () => abortMultipartUpload(library, alice, uploadOfImage),
      expire: () => expireUploads(library, WHOLE_TASK),
      sweep: () => sweepStagings(library, WHOLE_TASK),
      collect: () => collectBlobs({ ...library, now: () => 4e12 }, WHOLE_TASK),
    };
    const results = await Promise.allSettled(
      plan.map(async (step) => {
        await yieldTurns(step.delay);
        await actions[step.action]?.(step);
      }),
    );
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(Fault);
    }
    await expectSound(site, sif, [image.id]);
    const { state } = (await findUpload(library.catalog, upload.id))!;
    expect(state === "completed").toBe(isCompleted);
    if (state !== "open") return;
    const parts = await listUploadParts(library.catalog, upload.id);
    expect(new Set(parts.map(({ partNumber }) => partNumber))).toEqual(acknowledged);
    for (const { partNumber } of completedParts) {
      if (!acknowledged.has(partNumber)) await send(partNumber, Number.POSITIVE_INFINITY);
    }
    await actions["complete"]?.({ action: "complete", part: 1, delay: 0 });
    expect(await findImageById(library.catalog, image.id)).toMatchObject({ isUploaded: true });
    await expectSound(site, sif, [image.id]);
  }
});

const receive = async (library: Library, site: TestLibrary) => {
  const image = await site.imageOf(SIF);
  const upload = await openSingleUpload(library, site.alice, image, { sizeBytes: SIF.length });
  await receiveUpload(library, site.alice, { uploadId: upload.id, body: bodyOf(SIF) });
  return image;
};

describe("a process that is killed", () => {
  type Spoil = (blobs: BlobStore) => BlobStore;

  const spoils: [string, Spoil][] = [
    ["before it publishes", withPublishing(() => kill)],
    [
      "before it notes what it has published",
      withPublishing((completed) => async () => {
        await completed.publish();
        await kill();
      }),
    ],
  ];

  describe.each(spoils)("when it is killed %s", (_, spoil) => {
    it("completes the upload after a restart", () =>
      withLibrary(async (site) => {
        const image = await receive(site.library, site);
        const completing = completeSingleUpload(site.library, site.alice, image);
        await expect(completing).rejects.toBeInstanceOf(Killed);
        expect(await findImageById(site.library.catalog, image.id)).toMatchObject({
          isUploaded: false,
        });
        const restarted = await site.restart();
        await sweepStagings(restarted, WHOLE_TASK);
        await sweepOrphans(restarted, WHOLE_TASK);
        const uploaded = await completeSingleUpload(restarted, site.alice, image);
        expect(await storedBytes(restarted, uploaded)).toEqual(Buffer.from(SIF));
      }, spoil));

    it("takes another upload of the same bytes after a restart", () =>
      withLibrary(async (site) => {
        const image = await receive(site.library, site);
        const completing = completeSingleUpload(site.library, site.alice, image);
        await expect(completing).rejects.toBeInstanceOf(Killed);
        const restarted = await site.restart();
        const other = await site.imageOf(SIF, "second");
        const uploaded = await receiveV1Upload(restarted, site.bob, other, bodyOf(SIF));
        expect(await storedBytes(restarted, uploaded)).toEqual(Buffer.from(SIF));
      }, spoil));
  });

  describe("when it is killed in the middle of an attempt", () => {
    it("has neither the attempt nor anything of it after a restart", () =>
      withLibrary(async (site) => {
        const image = await site.imageOf(SIF);
        const { id } = await openSingleUpload(site.library, site.alice, image, {
          sizeBytes: SIF.length,
        });
        const events = new EventEmitter();
        const body = bodyOf(SIF, { gate: once(events, "go"), chunkBytes: 1000 });
        const receiving = receiveUpload(site.library, site.alice, { uploadId: id, body });
        const outcome = Promise.allSettled([receiving]);
        const hasAttempt = async () =>
          (await readdir(join(site.folder, "uploads", id))).some((name) =>
            name.startsWith("attempt-"),
          );
        await expect.poll(hasAttempt).toBe(true);
        const restarted = await site.restart();
        expect(await hasAttempt()).toBe(false);
        events.emit("go");
        expect(await outcome).toMatchObject([{ reason: { code: "upload-closed" } }]);
        const completing = completeSingleUpload(restarted, site.alice, image);
        await expect(completing).rejects.toMatchObject({ code: "conflict" });
      }));
  });

  describe("when the staged file is lost before it was published", () => {
    it("does not take somebody else's blob for it", () =>
      withLibrary(async (site) => {
        const other = await site.imageOf(SIF, "second");
        await receiveV1Upload(site.library, site.bob, other, bodyOf(SIF));
        const image = await receive(site.library, site);
        for (const id of await site.library.blobs.uploads.list()) {
          await site.library.blobs.uploads.abort(id);
        }
        const completing = completeSingleUpload(site.library, site.alice, image);
        await expect(completing).rejects.toMatchObject({ code: "upload-closed" });
      }));
  });
});

const full = () => Promise.reject(new Fault("storage-full", "full"));

/** A store whose files behave in another way while bytes are received into them. */
const intoSink =
  (change: (sink: ByteSink) => ByteSink) =>
  (blobs: BlobStore): BlobStore => {
    const changed = (body: PartToReceive["body"]): PartToReceive["body"] => ({
      ...body,
      receiveInto: (sink, options) => body.receiveInto(change(sink), options),
    });
    const uploads: BlobStore["uploads"] = {
      ...blobs.uploads,
      receivePart: (upload, part) =>
        blobs.uploads.receivePart(upload, { ...part, body: changed(part.body) }),
    };
    return { ...blobs, uploads };
  };

describe("a disk that is full", () => {
  const spoils: [string, (blobs: BlobStore) => BlobStore][] = [
    ["make room", (blobs) => ({ ...blobs, uploads: { ...blobs.uploads, begin: full } })],
    [
      "begin an attempt",
      (blobs) => ({ ...blobs, uploads: { ...blobs.uploads, receivePart: full } }),
    ],
    ["write", intoSink((sink) => ({ ...sink, write: full }))],
    ["hash", intoSink((sink) => ({ ...sink, sums: full }))],
    ["publish", withPublishing(() => full)],
  ];

  describe.each(spoils)("when it is too full to %s", (_, spoil) => {
    it("rejects with storage-full, and takes the image when there is room", () =>
      withLibrary(async (site) => {
        const image = await site.imageOf(SIF);
        const pushing = receiveV1Upload(site.library, site.alice, image, bodyOf(SIF));
        await expect(pushing).rejects.toMatchObject({ code: "storage-full" });
        expect(await findImageById(site.library.catalog, image.id)).toMatchObject({
          isUploaded: false,
        });
        expect(await site.library.blobs.uploads.list()).toEqual([]);
        const roomy = await site.restart();
        const uploaded = await receiveV1Upload(roomy, site.alice, image, bodyOf(SIF));
        expect(await storedBytes(roomy, uploaded)).toEqual(Buffer.from(SIF));
      }, spoil));
  });
});

async function kill(): Promise<never> {
  throw new Killed();
}
