import { seededBytes } from "./fault-bench.js";

const MIB = 1024 * 1024;

/** Size of what goes in one request. */
export const SINGLE_BYTES = 1_200_003;
/** Size of what goes in parts: the least that does, and a few bytes. */
export const PARTED_BYTES = 64 * MIB + 7;
/** Size of these parts. */
export const UPLOAD_PART_BYTES = 16 * MIB;

let made = 0;
let parted: Uint8Array | undefined;

/** Bytes for one request that no push had before. */
export function singleBytes(): Uint8Array {
  return unlikeOthers(seededBytes(SINGLE_BYTES, 1));
}

/** Bytes for an upload in parts that no push had before. */
export function partedBytes(): Uint8Array {
  parted ??= seededBytes(PARTED_BYTES, 1);
  return unlikeOthers(parted.slice());
}

/** No two pushes have the same bytes: the second one would send nothing. */
function unlikeOthers(bytes: Uint8Array): Uint8Array {
  made += 1;
  new DataView(bytes.buffer).setUint32(0, made);
  return bytes;
}
