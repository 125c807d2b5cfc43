import {
  type ByteSource,
  isSifFormatError,
  NIL_UUID,
  readSif,
  sifFacts,
  UNKNOWN_ARCH,
} from "@sifshelf/sif";

import { Fault } from "../faults/fault.js";

/** What an uploaded file says about itself. */
export interface InspectedSif {
  /** Go's name of the architecture; null if unknown. */
  readonly arch: string | null;
  readonly isSigned: boolean;
  readonly isEncrypted: boolean;
  /** Fingerprints of the signing keys, lower-case hex. */
  readonly fingerprints: readonly string[];
  /** UUID of the header; null when it is all zero. */
  readonly sifId: string | null;
}

/** What is known of a file that is not a SIF image. */
export const NOTHING_KNOWN: InspectedSif = {
  arch: null,
  isSigned: false,
  isEncrypted: false,
  fingerprints: [],
  sifId: null,
};

/**
 * Returns what an uploaded file says about itself. Its header and descriptors are read and checked,
 * at most 37 MiB; nothing that they say is verified.
 *
 * @throws Fault `not-a-sif` with the reason; and what the source throws.
 */
export async function inspectSif(source: ByteSource): Promise<InspectedSif> {
  try {
    const facts = sifFacts(await readSif(source));
    return {
      // The partition's arch can be covered by a signature, the header's cannot.
      arch: knownArch(facts.primaryArch) ?? knownArch(facts.arch),
      isSigned: facts.signed,
      isEncrypted: facts.encrypted,
      fingerprints: facts.fingerprints,
      sifId: facts.uuid === NIL_UUID ? null : facts.uuid,
    };
  } catch (error) {
    if (!isSifFormatError(error)) throw error;
    throw new Fault(
      "not-a-sif",
      `the file is not a valid SIF image (${error.message}); push a SIF file`,
      { cause: error },
    );
  }
}

function knownArch(arch: string | null): string | null {
  return arch === UNKNOWN_ARCH ? null : arch;
}
