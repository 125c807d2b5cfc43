import type { ExitCode } from "./exit-codes.js";

/** What every command prints with `--json` when it fails. */
export interface ErrorJson {
  readonly ok: false;
  /** The same as `error.code`. */
  readonly code: string;
  readonly error: {
    /** Stable word for the fault. */
    readonly code: string;
    /** What was tried and why it failed. */
    readonly message: string;
    readonly exitCode: ExitCode;
    /** What to try next. */
    readonly next?: string;
    /** The command's usage, if the input was wrong. */
    readonly usage?: string;
    /** HTTP status of the library's reply. */
    readonly status?: number;
    /** What the library said. */
    readonly serverMessage?: string;
    /** Identifies the request in the library's log. */
    readonly requestId?: string;
    /** Tags that were set before the failure. */
    readonly tagsSet?: readonly string[];
    /** The object of an image that did not verify. */
    readonly objectId?: number;
    /** The group of an image that did not verify. */
    readonly groupId?: number;
    /** The signature object that was being checked. */
    readonly signatureId?: number;
    /** Where in the file the fault is, in bytes. */
    readonly offset?: number;
  };
}
