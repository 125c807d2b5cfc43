/**
 * The progress of a push or pull. Within a phase `bytesDone` never decreases, except that a
 * transfer starts over when the image was replaced or damaged on its way.
 */
export interface TransferProgress {
  /**
   * `hash` reads the source before a push, `transfer` moves bytes, `verify` compares what arrived
   * with the record.
   */
  readonly phase: "hash" | "transfer" | "verify";
  readonly bytesDone: number;
  /** 0 while it is unknown. */
  readonly bytesTotal: number;
  /** Requests that were retried so far. Absent: none. */
  readonly retries?: number;
  /** Only on the last event of a call: how it ended. */
  readonly ended?: "complete" | "failed";
}

/** Called often with the progress of a transfer. An error that it throws fails the transfer. */
export type ProgressListener = (progress: TransferProgress) => void;

type Phase = TransferProgress["phase"];

/** Reports progress to a listener, so that no phase ever goes back. */
export interface ProgressMeter {
  /**
   * Starts a phase. `bytesTotal` 0 means unknown. `bytesDone`, default 0, were done by an earlier
   * transfer.
   */
  readonly begin: (phase: Phase, bytesTotal: number, bytesDone?: number) => void;
  /**
   * This many bytes of the phase are done. Fewer than before are ignored, because something was
   * sent again.
   */
  readonly reach: (bytesDone: number) => void;
  /** This many more bytes of the phase are done. */
  readonly advance: (bytes: number) => void;
  /** A request is retried. */
  readonly retried: (error: Error) => void;
  readonly end: (ended: "complete" | "failed") => void;
}

/** Creates a meter that reports to `listener`. */
export function createProgressMeter(listener: ProgressListener = () => {}): ProgressMeter {
  let progress: TransferProgress = { phase: "hash", bytesDone: 0, bytesTotal: 0 };
  let isBegun = false;
  const report = (change: Partial<TransferProgress>) => {
    progress = { ...progress, ...change };
    listener(progress);
  };
  const reach = (bytesDone: number) => {
    if (bytesDone > progress.bytesDone) report({ bytesDone });
  };
  return {
    begin(phase, bytesTotal, bytesDone = 0) {
      isBegun = true;
      report({ phase, bytesTotal, bytesDone });
    },
    reach,
    advance: (bytes) => reach(progress.bytesDone + bytes),
    retried() {
      const retries = (progress.retries ?? 0) + 1;
      // Before the first phase there is nothing to report.
      if (isBegun) report({ retries });
      else progress = { ...progress, retries };
    },
    end: (ended) => report({ ended }),
  };
}

/** Runs a transfer with a meter, and finally reports how it ended. */
export async function metered<T>(
  listener: ProgressListener | undefined,
  run: (meter: ProgressMeter) => Promise<T>,
): Promise<T> {
  const meter = createProgressMeter(listener);
  try {
    const result = await run(meter);
    meter.end("complete");
    return result;
  } catch (error) {
    endFailed(meter);
    throw error;
  }
}

function endFailed(meter: ProgressMeter): void {
  try {
    meter.end("failed");
  } catch {
    // The listener's error would hide the actual failure.
  }
}
