import { SifDataType } from "./data-type.js";
import {
  DESCRIPTOR_BYTES,
  descriptorError,
  type DescriptorOffset,
  type SifDescriptor,
} from "./descriptor.js";
import { SifFormatError, type SifFormatErrorCode } from "./format-error.js";
import { HeaderOffset, type SifHeader } from "./header.js";
import { SifPartType } from "./metadata.js";

/**
 * Throws if the descriptors contradict the header or each other.
 *
 * The reference implementation makes none of these checks. Overlap is rejected because it would let
 * one range of bytes be two objects, for example signed data that also runs as something else.
 *
 * @throws {SifFormatError} see {@link SifFormatErrorCode}
 */
export function checkImage(header: SifHeader, descriptors: readonly SifDescriptor[]): void {
  checkFreeCount(header, descriptors);
  checkUniqueIds(header, descriptors);
  checkAtMostOne(header, descriptors.filter(isPrimary), "sif-primary-duplicate");
  const indexes = descriptors.filter(({ dataType }) => dataType === SifDataType.ociRootIndex);
  checkAtMostOne(header, indexes, "sif-root-index-duplicate");
  checkOverlap(header, descriptors);
}

/** Reports whether a descriptor is that of a primary system partition. */
export function isPrimary({ metadata }: SifDescriptor): boolean {
  return metadata.kind === "partition" && metadata.partType === SifPartType.primary;
}

function checkFreeCount(header: SifHeader, descriptors: readonly SifDescriptor[]): void {
  const counted = header.descriptorsTotal - descriptors.length;
  if (counted === header.descriptorsFree) return;
  throw new SifFormatError({
    code: "sif-free-count",
    field: "descriptorsFree",
    offset: HeaderOffset.descriptorsFree,
    found: `is ${header.descriptorsFree}, but ${counted} records are free`,
  });
}

function checkUniqueIds(header: SifHeader, descriptors: readonly SifDescriptor[]): void {
  const seen = new Set<number>();
  for (const descriptor of descriptors) {
    if (seen.has(descriptor.id)) {
      throw faultOf(header, descriptor, {
        code: "sif-object-id-duplicate",
        field: "id",
        found: `is ${descriptor.id}, which an earlier record has already`,
      });
    }
    seen.add(descriptor.id);
  }
}

function checkAtMostOne(
  header: SifHeader,
  found: readonly SifDescriptor[],
  code: SifFormatErrorCode,
): void {
  const [first, second] = found;
  if (first === undefined || second === undefined) return;
  throw faultOf(header, second, {
    code,
    field: code === "sif-primary-duplicate" ? "extra" : "dataType",
    found: `objects ${first.id} and ${second.id} have a role that only one object may have`,
  });
}

function checkOverlap(header: SifHeader, descriptors: readonly SifDescriptor[]): void {
  const byOffset = descriptors
    .filter(({ size }) => size > 0)
    .toSorted((a, b) => a.offset - b.offset);
  let previous: SifDescriptor | undefined;
  for (const descriptor of byOffset) {
    if (previous !== undefined && descriptor.offset < previous.offset + previous.size) {
      throw faultOf(header, descriptor, {
        code: "sif-object-overlap",
        field: "offset",
        found: `object ${descriptor.id} starts inside object ${previous.id}`,
      });
    }
    previous = descriptor;
  }
}

interface DescriptorFault {
  readonly code: SifFormatErrorCode;
  readonly field: keyof typeof DescriptorOffset;
  readonly found: string;
}

function faultOf(
  header: SifHeader,
  descriptor: SifDescriptor,
  { code, ...fault }: DescriptorFault,
): SifFormatError {
  const start = header.descriptorsOffset + descriptor.index * DESCRIPTOR_BYTES;
  return descriptorError(code, { index: descriptor.index, start }, fault);
}
