/** How long claims last and how they are kept. Milliseconds. */
export interface LeaseTimes {
  /** Time until others may take the claim unless it is renewed. */
  readonly durationMs: number;
  /** Time between renewals. */
  readonly renewEveryMs: number;
  /** Time without a renewal after which the holder stops. Less than `durationMs`. */
  readonly giveUpMs: number;
}

/** Renewed three times before it ends; the holder stops 5 s before others may start. */
export const LEASE_TIMES: LeaseTimes = {
  durationMs: 30_000,
  renewEveryMs: 10_000,
  giveUpMs: 25_000,
};

/** A claim that is being renewed. */
export interface Renewal {
  /** Aborted once the claim is lost, or could not be renewed in time. */
  readonly signal: AbortSignal;
  /** Gives the claim up: aborts the signal with that reason. */
  readonly lose: (reason: unknown) => void;
  /** Ends renewing; the signal stays as it is. */
  readonly stop: () => void;
}

/** What is renewed. */
export interface RenewalOptions {
  /** Renews the claim. False when it is lost. A failure is tried again at the next turn. */
  readonly renew: () => Promise<boolean>;
  /** When the claim was asked for, by `performance.now()`. */
  readonly takenAtMs: number;
  readonly times: LeaseTimes;
  /** Makes the reason of the signal when the claim is lost. */
  readonly lostReason: () => unknown;
}

/**
 * Renews a claim until it is stopped or lost. Time is counted by this process's monotonic clock,
 * from before each renewal was sent, so the holder never believes in the claim longer than the
 * database does. Its timers keep no process alive.
 */
export function keepRenewed({ renew, takenAtMs, times, lostReason }: RenewalOptions): Renewal {
  const lost = new AbortController();
  let givesUp: NodeJS.Timeout | undefined;
  let renews: NodeJS.Timeout | undefined;
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    clearTimeout(givesUp);
    clearTimeout(renews);
  };
  const lose = (reason: unknown) => {
    stop();
    lost.abort(reason);
  };
  const giveUpAfter = (renewedAtMs: number) => {
    clearTimeout(givesUp);
    const leftMs = renewedAtMs + times.giveUpMs - performance.now();
    givesUp = setTimeout(() => lose(lostReason()), Math.max(0, leftMs)).unref();
  };
  const renewLater = () => {
    renews = setTimeout(() => void turn(), times.renewEveryMs).unref();
  };
  const turn = async () => {
    const askedAtMs = performance.now();
    const isOurs = await renew().catch(() => undefined);
    if (isStopped) return;
    if (isOurs === false) return lose(lostReason());
    if (isOurs === true) giveUpAfter(askedAtMs);
    renewLater();
  };
  giveUpAfter(takenAtMs);
  renewLater();
  return { signal: lost.signal, lose, stop };
}
