/**
 * How far a push or pull has come. Within a phase `bytesDone` never decreases, but when an image was replaced or damaged
 * on its way, the transfer begins once more.
 */
export interface TransferProgress {
  /** `hash` reads the source before a push, `transfer` moves bytes, `verify` compares what arrived with the record. */
  readonly phase: "hash" | "transfer" | "verify";
  readonly bytesDone: number;
  /** 0 while it is not known. */
  readonly bytesTotal: number;
  /** Requests that were made again after a fault, so far; absent: none. */
  readonly retries?: number;
  /** Only on the last event of a call: how it ended. */
  readonly ended?: "complete" | "failed";
}

/** Is told how far a transfer has come, often; what it throws fails the transfer. */
export type ProgressListener = (progress: TransferProgress) => void;
