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

type Phase = TransferProgress["phase"];

/** Tells a listener how far a transfer is, so that no phase ever goes back. */
export interface ProgressMeter {
  /** Starts a phase; `bytesTotal` 0 means unknown. `bytesDone`, default 0, were done by an earlier transfer. */
  readonly begin: (phase: Phase, bytesTotal: number, bytesDone?: number) => void;
  /** So many bytes of the phase are done; fewer than before are ignored, because something was sent again. */
  readonly reach: (bytesDone: number) => void;
  /** So many more bytes of the phase are done. */
  readonly advance: (bytes: number) => void;
  /** A request is made again. */
  readonly retried: (error: Error) => void;
  readonly end: (ended: "complete" | "failed") => void;
}

/** A meter that tells `listener`. */
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
      // Before the first phase there is nothing to tell yet.
      if (isBegun) report({ retries });
      else progress = { ...progress, retries };
    },
    end: (ended) => report({ ended }),
  };
}

/** Runs a transfer with a meter and tells the listener at last how it ended. */
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
    // The listener's complaint would hide what failed.
  }
}
