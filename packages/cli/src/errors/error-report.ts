import { isLibraryError, type LibraryError, type LibraryErrorCode } from "@sifshelf/client";
import { ERROR_CODES, isErrorCode, isRefError, isWireError } from "@sifshelf/protocol";
import { isByteSourceError } from "@sifshelf/sif";

import { CliError } from "./cli-error.js";
import { EXIT_CODES, type ExitCode } from "./exit-codes.js";
import { adviceFor, networkAdvice } from "./advice.js";
import { reportSifError } from "./sif-error-report.js";
import type { ErrorJson } from "./error-json.js";

/** What is printed about an error; the shape of the JSON output. */
export type ErrorReport = ErrorJson["error"];

/** Exit codes of the errors that libraries report or the client finds. */
export const LIBRARY_EXIT_CODES: Readonly<Record<LibraryErrorCode, ExitCode>> = {
  "bad-request": EXIT_CODES.usage,
  "ref-not-valid": EXIT_CODES.usage,
  "tag-not-valid": EXIT_CODES.usage,
  "option-not-valid": EXIT_CODES.usage,
  "not-found": EXIT_CODES.notFound,
  unauthorized: EXIT_CODES.auth,
  forbidden: EXIT_CODES.auth,
  network: EXIT_CODES.temporary,
  timeout: EXIT_CODES.temporary,
  "request-timeout": EXIT_CODES.temporary,
  "rate-limited": EXIT_CODES.temporary,
  internal: EXIT_CODES.temporary,
  unavailable: EXIT_CODES.temporary,
  integrity: EXIT_CODES.integrity,
  "digest-mismatch": EXIT_CODES.integrity,
  "size-mismatch": EXIT_CODES.integrity,
  "not-a-sif": EXIT_CODES.integrity,
  "too-large": EXIT_CODES.space,
  "storage-full": EXIT_CODES.space,
  conflict: EXIT_CODES.conflict,
  "upload-closed": EXIT_CODES.conflict,
  "source-changed": EXIT_CODES.conflict,
  "file-exists": EXIT_CODES.conflict,
  "file-not-readable": EXIT_CODES.other,
  "file-not-writable": EXIT_CODES.other,
  "method-not-allowed": EXIT_CODES.other,
  "length-required": EXIT_CODES.other,
  "unsupported-encoding": EXIT_CODES.other,
  "range-not-satisfiable": EXIT_CODES.other,
  "headers-too-large": EXIT_CODES.other,
  protocol: EXIT_CODES.other,
  "unexpected-status": EXIT_CODES.other,
  "redirect-refused": EXIT_CODES.other,
  "no-ranges": EXIT_CODES.other,
};

/** Returns what to print for any error that a command rejects with. */
export function reportError(error: unknown): ErrorReport {
  if (error instanceof CliError) return reportCliError(error);
  if (isLibraryError(error)) return reportLibraryError(error);
  if (isRefError(error)) {
    const next = "use [library://[host/]]entity/collection/container[:tag]";
    return { code: error.code, message: error.message, exitCode: EXIT_CODES.usage, next };
  }
  const sifReport = reportSifError(error);
  if (sifReport !== undefined) return sifReport;
  if (isByteSourceError(error)) {
    const isInput = error.code === "source-not-a-file";
    const exitCode = isInput ? EXIT_CODES.usage : EXIT_CODES.conflict;
    return { code: error.code, message: error.message, exitCode };
  }
  if (isWireError(error)) {
    return { code: error.code, message: error.message, exitCode: EXIT_CODES.other };
  }
  return reportSystemError(error);
}

function reportCliError({ code, message, exitCode, next, usage }: CliError): ErrorReport {
  return {
    code,
    message,
    exitCode,
    ...(next === undefined ? {} : { next }),
    ...(usage === undefined ? {} : { usage }),
  };
}

function reportLibraryError(error: LibraryError): ErrorReport {
  const { code, status, serverMessage, requestId, tagsSet } = error;
  const next = networkAdvice(error) ?? adviceFor(code);
  return {
    code,
    message: messageOf(error),
    exitCode: exitCodeOf(error),
    ...(next === undefined ? {} : { next }),
    ...(status === undefined ? {} : { status }),
    ...(serverMessage === undefined ? {} : { serverMessage }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(tagsSet === undefined ? {} : { tagsSet }),
  };
}

/**
 * For errors reported by the library, only the meaning and the request: the client's message also
 * contains the library's text and the advice, which are printed separately here.
 */
function messageOf({ code, message, status, method, url }: LibraryError): string {
  if (status === undefined || method === undefined || url === undefined) return message;
  if (!isErrorCode(code)) return message;
  return `${ERROR_CODES[code].meaning} (${method} ${url.replace(MASKED_QUERY, "")})`;
}

/** The client's placeholder for a query. */
const MASKED_QUERY = /\?\*+$/;

function exitCodeOf({ code, cause, tagsSet }: LibraryError): ExitCode {
  if (tagsSet !== undefined && tagsSet.length > 0) return EXIT_CODES.partial;
  const isFileFault = code === "file-not-readable" || code === "file-not-writable";
  return isFileFault ? systemExitCode(cause) : LIBRARY_EXIT_CODES[code];
}

function reportSystemError(error: unknown): ErrorReport {
  const message = error instanceof Error ? error.message : String(error);
  const exitCode = systemExitCode(error);
  if (exitCode === EXIT_CODES.notFound) return { code: "file-not-found", message, exitCode };
  if (exitCode === EXIT_CODES.space) {
    return {
      code: "no-space",
      message,
      exitCode,
      next: "free some space, or choose another place with -o",
    };
  }
  const code = hasSystemCode(error) ? "file-system" : "internal";
  return { code, message, exitCode };
}

function systemExitCode(error: unknown): ExitCode {
  const code = hasSystemCode(error) ? error.code : "";
  if (code === "ENOENT" || code === "ENOTDIR") return EXIT_CODES.notFound;
  const isSpace = code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
  return isSpace ? EXIT_CODES.space : EXIT_CODES.other;
}

function hasSystemCode(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
