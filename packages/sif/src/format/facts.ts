import { SifDataType } from "./data-type.js";
import type { SifDescriptor } from "./descriptor.js";
import type { SifHeader } from "./header.js";
import { isPrimary } from "./image-checks.js";
import { SifFsType } from "./metadata.js";
import type { SifImage } from "./read-sif.js";
import { NO_TIME } from "./header.js";
import { NIL_UUID } from "./uuid.js";

/** What the header and descriptors say about an image. None of it is verified. */
export interface SifFacts {
  /** Go's name of the architecture in the header, or `unknown`. No signature covers it. */
  readonly arch: string;
  /**
   * Go's name of the primary partition's architecture, which signatures cover; `null` if there is
   * no primary partition.
   */
  readonly primaryArch: string | null;
  /** Whether the image has neither UUID nor times, as reproducible builds produce. */
  readonly deterministic: boolean;
  /** Whether the primary partition is encrypted. */
  readonly encrypted: boolean;
  /** Distinct fingerprints claimed by signature descriptors, each 40 lower-case hex digits. */
  readonly fingerprints: readonly string[];
  /** Group numbers in use, ascending. */
  readonly groups: readonly number[];
  readonly launchScript: string;
  /** Number of objects. */
  readonly objects: number;
  /** Whether the image holds an OCI image layout, which takes precedence over partitions. */
  readonly oci: boolean;
  /** Object id of the primary system partition, or `null` if there is none. */
  readonly primary: number | null;
  /** Whether the image has a signature object, valid or not. */
  readonly signed: boolean;
  /** Display names of the objects' types, in table order. */
  readonly types: readonly string[];
  /** Lower-case UUID of the image; all zeros if it has none. */
  readonly uuid: string;
}

/** Returns the facts of an image. */
export function sifFacts({ header, descriptors }: SifImage): SifFacts {
  const primary = descriptors.find(isPrimary);
  const groups = new Set(descriptors.flatMap(({ group }) => (group === null ? [] : [group])));
  return {
    arch: header.arch,
    primaryArch: primary?.metadata.kind === "partition" ? primary.metadata.arch : null,
    deterministic: isDeterministic(header),
    encrypted: primary !== undefined && isEncrypted(primary),
    fingerprints: [...new Set(descriptors.flatMap(claimedFingerprint))],
    groups: [...groups].toSorted((a, b) => a - b),
    launchScript: header.launchScript,
    objects: descriptors.length,
    oci: descriptors.some(({ dataType }) => dataType === SifDataType.ociRootIndex),
    primary: primary?.id ?? null,
    signed: descriptors.some(({ dataType }) => dataType === SifDataType.signature),
    types: descriptors.map(({ typeName }) => typeName),
    uuid: header.id,
  };
}

/**
 * Returns the id that a container library derives from an image's UUID, `sif.<uuid>`; `null` for
 * the nil UUID, which many images share.
 */
export function sifImageId({ header }: SifImage): string | null {
  return header.id === NIL_UUID ? null : `sif.${header.id}`;
}

/** Reports whether an image has neither UUID nor times. */
export function isDeterministic({ id, createdAt, modifiedAt }: SifHeader): boolean {
  return id === NIL_UUID && createdAt === NO_TIME && modifiedAt === NO_TIME;
}

function isEncrypted({ metadata }: SifDescriptor): boolean {
  return (
    metadata.kind === "partition" &&
    (metadata.fsType === SifFsType.encryptedSquashfs ||
      metadata.fsType === SifFsType.gocryptfsSquashfs)
  );
}

function claimedFingerprint({ metadata }: SifDescriptor): string[] {
  return metadata.kind === "signature" && metadata.fingerprint !== null
    ? [metadata.fingerprint]
    : [];
}
