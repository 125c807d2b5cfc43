import { UNKNOWN_ARCH } from "./arch.js";
import { isKnownDataType, SifDataType } from "./data-type.js";
import { DescriptorOffset, type SifDescriptor } from "./descriptor.js";
import type { SifHeader } from "./header.js";
import { isPrimary } from "./image-checks.js";

/**
 * A fact that is legal but odd.
 *
 * `arch-mismatch` header and primary partition name different architectures; `unknown-arch` the
 * primary partition names none; `unknown-data-type`; `used-flag` a used flag other than 1;
 * `id-not-index` an id that is not the record's number; `padding` a padded size below the size;
 * `dangling-link` a link to nothing, as deletion leaves behind; `hash-type` a signature with an
 * unsupported hash type; `oci-digest` a malformed digest; `index-and-primary` both an OCI root
 * index and a primary partition, so that tools disagree on what runs.
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

/** A legal but odd fact about an image. */
export interface SifWarning {
  readonly code: SifWarningCode;
  /** The object concerned; `null` when it is the image. */
  readonly objectId: number | null;
}

/** Returns what is legal but odd about an image, header first, then objects in table order. */
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
