import { UNKNOWN_ARCH } from "./arch.js";
import { isKnownDataType, SifDataType } from "./data-type.js";
import { DescriptorOffset, type SifDescriptor } from "./descriptor.js";
import type { SifHeader } from "./header.js";
import { isPrimary } from "./image-checks.js";

/**
 * Something unusual but valid in an image.
 *
 *
 * | code | meaning |
 * |---|---|
 * | `arch-mismatch` | the header and the primary partition name different architectures |
 * | `unknown-arch` | the primary partition names no known architecture |
 * | `unknown-data-type` | an object's type is not defined by the format |
 * | `used-flag` | a used flag other than 1 |
 * | `id-not-index` | an id that differs from the record's number |
 * | `padding` | a padded size below the size |
 * | `dangling-link` | a link to nothing, as deletion leaves behind |
 * | `hash-type` | a signature with an unknown hash type |
 * | `oci-digest` | a malformed OCI digest |
 * | `index-and-primary` | both an OCI root index and a primary partition: tools disagree on which runs |
 */
export type SifWarningCode =
  | "arch-mismatch"
  | "unknown-arch"
  | "unknown-data-type"
  | "used-flag"
  | "id-not-index"
  | "padding"
  | "dangling-link"
  | "hash-type"
  | "oci-digest"
  | "index-and-primary";

/** Something unusual but valid in an image. */
export interface SifWarning {
  readonly code: SifWarningCode;
  /** The object concerned; `null` if it is the image as a whole. */
  readonly objectId: number | null;
}

/**
 * Returns the warnings about an image: those about the whole image first, then those about objects,
 * in table order.
 */
export function collectWarnings(
  header: SifHeader,
  descriptors: readonly SifDescriptor[],
): SifWarning[] {
  const ids = new Set(descriptors.map(({ id }) => id));
  const groups = new Set(descriptors.map(({ group }) => group));
  const isLinked = ({ link }: SifDescriptor): boolean =>
    link === null || (link.kind === "object" ? ids : groups).has(link.id);
  return [
    ...imageWarnings(header, descriptors).map((code) => ({ code, objectId: null })),
    ...descriptors.flatMap((descriptor) =>
      objectWarnings(descriptor, isLinked(descriptor)).map((code) => ({
        code,
        objectId: descriptor.id,
      })),
    ),
  ];
}

function imageWarnings(header: SifHeader, descriptors: readonly SifDescriptor[]): SifWarningCode[] {
  const primary = descriptors.find(isPrimary);
  if (primary?.metadata.kind !== "partition") return [];
  const codes: SifWarningCode[] = [];
  const { arch } = primary.metadata;
  if (arch === UNKNOWN_ARCH) codes.push("unknown-arch");
  if (arch !== header.arch) codes.push("arch-mismatch");
  if (descriptors.some(({ dataType }) => dataType === SifDataType.ociRootIndex)) {
    codes.push("index-and-primary");
  }
  return codes;
}

function objectWarnings(descriptor: SifDescriptor, isLinked: boolean): SifWarningCode[] {
  const { metadata } = descriptor;
  const found: [SifWarningCode, boolean][] = [
    ["unknown-data-type", !isKnownDataType(descriptor.dataType)],
    ["used-flag", descriptor.raw[DescriptorOffset.used] !== 1],
    ["id-not-index", descriptor.id !== descriptor.index + 1],
    ["padding", descriptor.sizeWithPadding < BigInt(descriptor.size)],
    ["dangling-link", !isLinked],
    ["hash-type", metadata.kind === "signature" && metadata.hashTypeName === "Unknown"],
    ["oci-digest", metadata.kind === "oci" && metadata.digest === null],
  ];
  return found.filter(([, isFound]) => isFound).map(([code]) => code);
}
