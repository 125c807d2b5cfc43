import type { ReadOptions } from "../bytes/byte-source.js";
import { createObjectHasher } from "../integrity/object-hasher.js";
import type { SifImage } from "../format/read-sif.js";
import { toHex } from "../bytes/text.js";

/** Whether an OCI object has the digest in its descriptor. */
export interface OciBlobCheck {
  readonly objectId: number;
  /** The digest in the object's descriptor, or `null` if it is malformed. */
  readonly stored: string | null;
  /** The digest of the object's data. */
  readonly actual: string;
  readonly isIntact: boolean;
}

/**
 * Hashes every OCI object of an image, including the root index, and compares it with its stored
 * digest. A writable overlay that was used but not synchronised differs without being damaged.
 *
 * @throws what the source throws, and `signal.reason` after an abort
 */
export async function checkOciBlobs(
  image: SifImage,
  options: ReadOptions = {},
): Promise<OciBlobCheck[]> {
  const hasher = createObjectHasher(image, options);
  const checks: OciBlobCheck[] = [];
  for (const descriptor of image.descriptors) {
    if (descriptor.metadata.kind !== "oci") continue;
    const stored = descriptor.metadata.digest;
    const actual = `sha256:${toHex(await hasher.digest(descriptor, "sha256"))}`;
    checks.push({ objectId: descriptor.id, stored, actual, isIntact: stored === actual });
  }
  return checks;
}
