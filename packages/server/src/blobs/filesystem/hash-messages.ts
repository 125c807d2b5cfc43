import type { SumName, Sums } from "../byte-sink.js";

/** A range of a file to read and add to running sums. */
export interface ReadCommand {
  readonly kind: "read";
  /** Identifies the running sums within the thread. */
  readonly id: number;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** What to compute. The first command of an id decides. */
  readonly sums: readonly SumName[];
}

/** Bytes to write to an open file and add to running sums. */
export interface WriteCommand {
  readonly kind: "write";
  readonly id: number;
  readonly fd: number;
  readonly position: number;
  readonly sums: readonly SumName[];
  /** Transferred to the thread, which frees it. */
  readonly memory: readonly ArrayBuffer[];
}

/** Asks for the sums, which ends them. */
export interface FinishCommand {
  readonly kind: "finish";
  readonly id: number;
}

/** Forgets running sums. The only command without a reply. */
export interface DropCommand {
  readonly kind: "drop";
  readonly id: number;
}

export type HashCommand = ReadCommand | WriteCommand | FinishCommand | DropCommand;

/** The reply to the command of the same id. */
export type HashReply =
  /** `read` and `write`: bytes read or written. */
  | { readonly id: number; readonly bytes: number }
  /** `finish`. */
  | { readonly id: number; readonly sums: Sums }
  /** The system's error. */
  | { readonly id: number; readonly error: { readonly message: string; readonly code?: string } };
