import { isByteSourceError } from "../src/bytes/byte-source.js";
import { isSifFormatError } from "../src/format/format-error.js";
import { isSifIntegrityError } from "../src/integrity/integrity-error.js";
import { isKeyError } from "../src/keys/key-error.js";
import { isOciSifError } from "../src/oci/oci-error.js";

/**
 * Returns `ok`, or the code of the error with which the work rejected its input.
 *
 * @throws any other error: a finding
 */
export async function outcomeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    const isOwn =
      isSifFormatError(error) ||
      isSifIntegrityError(error) ||
      isOciSifError(error) ||
      isKeyError(error) ||
      isByteSourceError(error);
    if (!isOwn) throw error;
    return error.code;
  }
}

/** Fails the run if something does not hold that always must. */
export function require(holds: boolean, what: string): void {
  if (!holds) throw new Error(`does not hold: ${what}`);
}
