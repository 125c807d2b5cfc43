import {
  isKeyError,
  isOciSifError,
  isSifFormatError,
  isSifIntegrityError,
  isSifWriteError,
  type KeyErrorCode,
  type SifIntegrityError,
  type SifWriteErrorCode,
} from "@sifshelf/sif";

import { EXIT_CODES, type ExitCode } from "./exit-codes.js";
import type { ErrorJson } from "./error-json.js";

type ErrorReport = ErrorJson["error"];

/**
 * Exit codes of key errors. A certificate chain without a trusted root is a failed verification.
 */
const KEY_EXIT_CODES: Readonly<Partial<Record<KeyErrorCode, ExitCode>>> = {
  "certificate-untrusted": EXIT_CODES.integrity,
};

/** Exit codes of failed edits whose cause is not a usage error. */
const WRITE_EXIT_CODES: Readonly<Partial<Record<SifWriteErrorCode, ExitCode>>> = {
  "object-not-found": EXIT_CODES.notFound,
  "capacity-exhausted": EXIT_CODES.space,
  "too-large": EXIT_CODES.space,
  "primary-exists": EXIT_CODES.conflict,
  "root-index-exists": EXIT_CODES.conflict,
  "not-a-partition": EXIT_CODES.conflict,
  "not-a-system-partition": EXIT_CODES.conflict,
  "nothing-to-sign": EXIT_CODES.conflict,
};

/** Returns what to print for an error of `@sifshelf/sif`; `undefined` for other errors. */
export function reportSifError(error: unknown): ErrorReport | undefined {
  if (isSifFormatError(error)) {
    const { code, message, offset } = error;
    const next =
      "check that it is a complete SIF image; push --arch sends a file without reading it";
    return { code, message, exitCode: EXIT_CODES.integrity, next, offset };
  }
  if (isSifIntegrityError(error)) return reportIntegrityError(error);
  if (isOciSifError(error)) {
    return { code: error.code, message: error.message, exitCode: EXIT_CODES.integrity };
  }
  if (isKeyError(error)) {
    const exitCode = KEY_EXIT_CODES[error.code] ?? EXIT_CODES.usage;
    return { code: error.code, message: error.message, exitCode };
  }
  if (isSifWriteError(error)) {
    const exitCode = WRITE_EXIT_CODES[error.code] ?? EXIT_CODES.usage;
    return { code: error.code, message: error.message, exitCode };
  }
  return undefined;
}

function reportIntegrityError(error: SifIntegrityError): ErrorReport {
  const { code, message, objectId, groupId, signatureId } = error;
  const next = INTEGRITY_ADVICE[code];
  return {
    code,
    message,
    exitCode: EXIT_CODES.integrity,
    ...(next === undefined ? {} : { next }),
    ...(objectId === null ? {} : { objectId }),
    ...(groupId === null ? {} : { groupId }),
    ...(signatureId === null ? {} : { signatureId }),
  };
}

const INTEGRITY_ADVICE: Readonly<Partial<Record<SifIntegrityError["code"], string>>> = {
  "signature-not-found": "use --legacy for signatures of Singularity before 3.6",
  "key-material-missing": "name the signer's public keys with --key",
  "unknown-issuer": "name the public keys of all signers with --key",
};
