import { EXIT_CODES, type ExitCode } from "./exit-codes.js";

/**
 * Errors of the command line itself, with the exit code of each. Errors of the library, the network
 * and the image format keep the codes of their own packages.
 */
export const CLI_ERROR_CODES = {
  usage: EXIT_CODES.usage,
  "no-library": EXIT_CODES.usage,
  "library-url-not-valid": EXIT_CODES.usage,
  "token-not-valid": EXIT_CODES.usage,
  "no-terminal": EXIT_CODES.usage,
  "not-a-file": EXIT_CODES.usage,
  "arch-not-known": EXIT_CODES.usage,
  "passphrase-not-valid": EXIT_CODES.usage,
  "file-not-found": EXIT_CODES.notFound,
  "object-not-found": EXIT_CODES.notFound,
  "token-not-verified": EXIT_CODES.auth,
  "discovery-failed": EXIT_CODES.temporary,
  "no-space": EXIT_CODES.space,
  "output-not-a-file": EXIT_CODES.conflict,
  "file-exists": EXIT_CODES.conflict,
  "config-not-valid": EXIT_CODES.other,
  "remote-not-usable": EXIT_CODES.other,
  "file-system": EXIT_CODES.other,
  "output-closed": EXIT_CODES.other,
  cancelled: EXIT_CODES.other,
  internal: EXIT_CODES.other,
} as const satisfies Readonly<Record<string, ExitCode>>;

/** A code of {@link CLI_ERROR_CODES}. */
export type CliErrorCode = keyof typeof CLI_ERROR_CODES;

/** Details of a {@link CliError} besides its message. */
export interface CliErrorDetails extends ErrorOptions {
  /** What to try next, as a clause in lower case. */
  readonly next?: string;
  /** The command's usage, if the input was wrong. */
  readonly usage?: string;
}

/** An error of the command line itself; `code` determines `exitCode`. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly exitCode: ExitCode;
  readonly next: string | undefined;
  readonly usage: string | undefined;

  constructor(code: CliErrorCode, message: string, details: CliErrorDetails = {}) {
    super(message, details);
    this.code = code;
    this.exitCode = CLI_ERROR_CODES[code];
    this.next = details.next;
    this.usage = details.usage;
  }
}
