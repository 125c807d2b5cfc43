import type { LibraryClientOptions } from "@sifshelf/client";
import { seededRandom } from "@sifshelf/testing";

import type { Outcome } from "./fault-case.js";
import { openFaultBench } from "./fault-bench.js";
import { type FaultyPull, pullOverBadLine } from "./faulty-pull.js";
import { type FaultyPush, pushOverBadLine } from "./faulty-push.js";
import { partedBytes, SINGLE_BYTES, singleBytes, UPLOAD_PART_BYTES } from "./upload-fixtures.js";

/** Options of a case for a pull; the rest is the same for all. */
export type PullFault = Omit<FaultyPull, "bench" | "image">;
/** Options of a case for a push. */
export type PushFault = Omit<FaultyPush, "bench" | "bytes">;

/** Libraries and images for pulls and pushes of the usual kinds. */
export interface PullsAndPushes {
  readonly imageBytes: number;
  /** Size of the parts of a pull. */
  readonly partBytes: number;
  /** Bytes of one request of a push. */
  readonly uploadBytes: (kind: "single" | "parts") => number;
  /** In parts from URLs that the library redirects to, or as one stream from the library itself. */
  readonly pull: (kind: "parts" | "stream", fault: PullFault) => Promise<Outcome>;
  /** In one request, or in five parts of 16 MiB. */
  readonly push: (kind: "single" | "parts", fault: PushFault) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

/** Neither a power of two nor a multiple of the parts. */
const IMAGE_BYTES = 1_500_007;
const PART_BYTES = 128 * 1024;

/** A busy machine is slow with the bytes of an upload in parts. */
const PATIENT: LibraryClientOptions = {
  // Longer than a library waits for a silent sender when another one wants to take over.
  timeoutMs: 6_000,
  completionTimeoutMs: 30_000,
  retry: { maxAttempts: 3, baseDelayMs: 2, maxDelayMs: 30 },
};

/** Starts a library that redirects and one that streams. */
export async function openPullsAndPushes(): Promise<PullsAndPushes> {
  const redirecting = await openFaultBench();
  const streaming = await openFaultBench({ downloads: "stream" });
  const images = {
    parts: await redirecting.addImage("pulled", IMAGE_BYTES),
    stream: await streaming.addImage("pulled", IMAGE_BYTES),
  };
  const bench = { parts: redirecting, stream: streaming };
  return {
    imageBytes: IMAGE_BYTES,
    partBytes: PART_BYTES,
    uploadBytes: (kind) => (kind === "single" ? SINGLE_BYTES : UPLOAD_PART_BYTES),
    pull: (kind, fault) =>
      pullOverBadLine({
        bench: bench[kind],
        image: images[kind],
        ...fault,
        options: {
          partSizeBytes: PART_BYTES,
          concurrency: 1 + Math.floor(seededRandom(fault.seed)() * 8),
          ...fault.options,
        },
      }),
    push: (kind, fault) =>
      pushOverBadLine({
        bench: redirecting,
        bytes: kind === "single" ? singleBytes() : partedBytes(),
        ...fault,
        client: { ...(kind === "parts" ? PATIENT : {}), ...fault.client },
      }),
    close: async () => {
      await redirecting.close();
      await streaming.close();
    },
  };
}
