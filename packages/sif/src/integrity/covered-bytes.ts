import { DescriptorOffset, type SifDescriptor } from "../format/descriptor.js";
import { HeaderOffset, type SifHeader } from "../format/header.js";
import { DESCRIPTOR_BYTES } from "../format/descriptor.js";

/**
 * Returns the 61 bytes of the header that a signature covers: launch script, magic, version and
 * UUID. It does not cover architecture, times, counts and offsets.
 */
export function coveredHeaderBytes({ raw }: SifHeader): Uint8Array[] {
  return [raw.subarray(0, HeaderOffset.arch), raw.subarray(HeaderOffset.id, HeaderOffset.id + 16)];
}

/**
 * Returns the 557 bytes of a descriptor that a signature covers. The id is replaced by the id
 * relative to the group; group, offset, padded size and modification time are left out. So objects
 * may move, and whole groups may be renumbered.
 */
export function coveredDescriptorBytes({ raw }: SifDescriptor, relativeId: number): Uint8Array[] {
  const start = new Uint8Array(9);
  start.set(raw.subarray(DescriptorOffset.dataType, DescriptorOffset.used));
  // Any value other than 0 means used. Signers hash it as 1.
  start[DescriptorOffset.used] = 1;
  new DataView(start.buffer).setUint32(DescriptorOffset.id, relativeId, true);
  return [
    start,
    raw.subarray(DescriptorOffset.link, DescriptorOffset.offset),
    raw.subarray(DescriptorOffset.size, DescriptorOffset.sizeWithPadding),
    raw.subarray(DescriptorOffset.createdAt, DescriptorOffset.modifiedAt),
    raw.subarray(DescriptorOffset.uid, DESCRIPTOR_BYTES),
  ];
}
