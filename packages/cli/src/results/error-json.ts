import type { ExitCode } from "../exit-codes.js";

/** What every command prints with `--json` when it fails. */
export interface ErrorJson {
  readonly ok: false;
  readonly error: {
    /** Stable word for the fault. */
    readonly code: string;
    /** What was tried and why it failed. */
    readonly message: string;
    readonly exitCode: ExitCode;
    /** What to try next. */
    readonly next?: string;
    /** How the command is called, when the input was wrong. */
    readonly usage?: string;
    /** HTTP status of the library's reply. */
    readonly status?: number;
    /** What the library said. */
    readonly serverMessage?: string;
    /** Finds the request in the library's log. */
    readonly requestId?: string;
    /** Tags that were set before the failure. */
    readonly tagsSet?: readonly string[];
  };
}
