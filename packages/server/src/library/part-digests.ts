import { type Digest, digestOfSha256Hex } from "@sifshelf/protocol";

import type { StoredImage } from "./downloads.js";
import { Fault, faultOf } from "../faults/fault.js";
import type { Library } from "./library.js";

/** Some parts of an image that is cut into parts of one size; they are counted from 0. */
export interface PartRange {
  readonly partSizeBytes: number;
  readonly first: number;
  readonly count: number;
}

/** A request for digests. */
export interface PartDigestsRequest extends PartRange {
  /** Whether whoever asked has gone. */
  readonly isAbandoned: () => boolean;
}

/** How many may ask at once: one is served, the others wait, each about a second for every one before. */
const MAX_ASKING = 8;

/**
 * The digests of parts of a stored image as its bytes are now, up to where the image ends. One request at a time is worked on, in a
 * thread of its own.
 *
 * @throws Fault `unavailable` when too many ask at once, `not-found` when the image is deleted meanwhile, `internal` when its
 *   bytes cannot be read.
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
  const cut = { start, end, partBytes: partSizeBytes };
  const hexes = await throttle.hold("part digests", () =>
    blobs.hashParts(image.blobDigest, cut, isAbandoned),
  );
  if (hexes === undefined) throw faultOf("not-found");
  return hexes.map((hex) => digestOfSha256Hex(hex));
}
