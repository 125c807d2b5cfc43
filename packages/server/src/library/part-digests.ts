import { type Digest, digestOfSha256Hex } from "@sifshelf/protocol";

import type { StoredImage } from "./downloads.js";
import { Fault, faultOf } from "../faults/fault.js";
import type { Library } from "./library.js";

/** Some of the parts of an image that is divided into parts of one size. */
export interface PartRange {
  readonly partSizeBytes: number;
  /** Counted from 0. */
  readonly first: number;
  readonly count: number;
}

/** A request for digests. */
export interface PartDigestsRequest extends PartRange {
  /** Whether the client has gone. */
  readonly isAbandoned: () => boolean;
}

/**
 * Most requests at once: one is served, the others wait about a second for each one before them.
 */
const MAX_ASKING = 8;

/**
 * Returns the digests of parts of a stored image as its bytes are now, up to the end of the image.
 * Computes one request at a time, in a thread.
 *
 * @throws Fault `unavailable` for too many requests at once, `not-found` when the image is deleted
 *   meanwhile, `internal` when its bytes cannot be read.
 */
export async function partDigests(
  { blobs, throttle }: Pick<Library, "blobs" | "throttle">,
  image: Pick<StoredImage, "blobDigest" | "sizeBytes">,
  { partSizeBytes, first, count, isAbandoned }: PartDigestsRequest,
): Promise<Digest[]> {
  if (throttle.countOf("part digests") >= MAX_ASKING) {
    throw new Fault(
      "unavailable",
      "the library is computing digests for others; ask again in a moment",
    );
  }
  const start = first * partSizeBytes;
  const end = Math.min(image.sizeBytes, start + count * partSizeBytes);
  const ranges = { start, end, rangeBytes: partSizeBytes };
  const hexes = await throttle.hold("part digests", () =>
    blobs.hashRanges(image.blobDigest, ranges, isAbandoned),
  );
  if (hexes === undefined) throw faultOf("not-found");
  return hexes.map((hex) => digestOfSha256Hex(hex));
}
