/** What `--progress json` prints on standard error, one line per event. */
export interface ProgressJson {
  readonly event: "progress";
  readonly phase: "hash" | "transfer" | "verify";
  /** Within the phase, what an earlier transfer brought included. */
  readonly bytesDone: number;
  /** Null while it is not known. */
  readonly bytesTotal: number | null;
  /** Since the phase began. */
  readonly bytesPerSecond: number;
  /** Requests that were made again after a fault, so far. */
  readonly retries: number;
  /** Only on the last event. */
  readonly ended?: "complete" | "failed";
}
