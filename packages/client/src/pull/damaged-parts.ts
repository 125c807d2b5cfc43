import {
  decode,
  PART_DIGEST_STEP_BYTES,
  PartDigestsResponseSchema,
  WireError,
} from "@sifshelf/protocol";

import { hashRange } from "../hashing/hash-range.js";
import type { Connection } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import type { ByteSource } from "../transfer/byte-source.js";
import { type ByteRange, partsOf } from "../transfer/byte-range.js";

/**
 * Size of compared parts: the smallest that a library has digests of, because damage rarely exceeds
 * a few bytes.
 */
const PART_BYTES = PART_DIGEST_STEP_BYTES;

/** Digests requested at a time: a fraction of a second's work for a library. */
const PARTS_AT_A_TIME = 256;

/** An image that arrived damaged. */
export interface DamagedImage {
  readonly connection: Connection;
  readonly imageId: string;
  /** What arrived. */
  readonly source: ByteSource;
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of bytes compared so far. */
  readonly onCompared: (bytes: number) => void;
}

/**
 * Returns the ranges of what arrived that differ from what the library has, in order. Only for
 * libraries that announce digests of parts.
 *
 * @throws LibraryError by the library's status, `protocol`; the error of reading the source.
 */
export async function damagedParts(damaged: DamagedImage): Promise<ByteRange[]> {
  const { source, onCompared } = damaged;
  const found: ByteRange[] = [];
  const steps = partsOf({ offset: 0, length: source.size }, PARTS_AT_A_TIME * PART_BYTES);
  for (const step of steps) {
    const parts = [...partsOf(step, PART_BYTES)];
    // Both sides hash at the same time.
    const [there, here] = await Promise.all([
      digestsThere(damaged, step.offset / PART_BYTES, parts.length),
      digestsHere(damaged, parts),
    ]);
    found.push(...parts.filter((_, index) => there[index] !== here[index]));
    onCompared(step.offset + step.length);
  }
  return found;
}

async function digestsThere(
  { connection, imageId, signal }: DamagedImage,
  first: number,
  count: number,
): Promise<readonly string[]> {
  const query = { partSize: String(PART_BYTES), first: String(first), count: String(count) };
  const call = { route: "getPartDigests", params: { imageId }, query, signal } as const;
  return requestJson(connection, call, (json) => {
    const { data } = decode(PartDigestsResponseSchema, json, "digests");
    const isAsked = data.partSize === PART_BYTES && data.first === first;
    if (isAsked && data.digests.length === count) return data.digests;
    throw new WireError("digests", "data", "are not those of the requested parts");
  });
}

async function digestsHere(
  { source, signal }: DamagedImage,
  parts: readonly ByteRange[],
): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const part of parts) digests.push(`sha256:${await hashRange(source, part, signal)}`);
  return digests;
}
