import { seededBytes } from "./fault-bench.js";

const MIB = 1024 * 1024;

/** Size of an upload in one request. */
export const SINGLE_BYTES = 1_200_003;
/** Size of an upload in parts: a few bytes more than the minimum. */
export const PARTED_BYTES = 64 * MIB + 7;
/** Size of these parts. */
export const UPLOAD_PART_BYTES = 16 * MIB;

let made = 0;
let parted: Uint8Array | undefined;

/** Returns new bytes for an upload in one request. */
export function singleBytes(): Uint8Array {
  return unlikeOthers(seededBytes(SINGLE_BYTES, 1));
}

/** Returns new bytes for an upload in parts. */
export function partedBytes(): Uint8Array {
  parted ??= seededBytes(PARTED_BYTES, 1);
  return unlikeOthers(parted.slice());
}

/** No two pushes use the same bytes: the second one would send nothing. */
function unlikeOthers(bytes: Uint8Array): Uint8Array {
  made += 1;
  new DataView(bytes.buffer).setUint32(0, made);
  return bytes;
}
