/** A job that is being done. */
export interface Job {
  /** What it is about. */
  readonly key: string;
  /** What the last attempt saved; null at the beginning. */
  readonly progress: string | null;
  /** Attempts since the job last made progress, this one included. */
  readonly attempts: number;
  /** Aborted when the process stops or has lost the job to another. Throw then, soon. */
  readonly signal: AbortSignal;
  /**
   * Keeps where the next attempt goes on, should this one not get to the end.
   *
   * @throws the reason of `signal` when the job is lost.
   */
  readonly saveProgress: (progress: string) => Promise<void>;
}

/**
 * How jobs of one kind are done. One job of a kind runs at a time in each process.
 *
 * A job may run more than once, and a holder that was suspended may wake after another has finished
 * it. So whatever it does must be harmless when it is done twice or late.
 */
export interface JobHandler {
  /**
   * Does the job. Returning means that it is done; the text is kept as its result. A throw means
   * that it is tried again, except when `job.signal` is aborted: then it is given back.
   */
  readonly run: (job: Job) => Promise<string | void>;
  /**
   * Makes the kind periodic: there is one job, with an empty key, from the start of the runner on,
   * and it starts again this many milliseconds after it ends. It is never given up.
   */
  readonly everyMs?: number;
}
