import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { keepRenewed, LEASE_TIMES, type Renewal } from "./keep-renewed.js";

const REASON = new Error("lost");

let renewals: number;
let renew: () => Promise<boolean>;
let renewal: Renewal | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  renewals = 0;
  renew = async () => true;
});
afterEach(() => {
  renewal?.stop();
  vi.useRealTimers();
});

function start(takenAtMs = performance.now()): AbortSignal {
  const counted = () => {
    renewals += 1;
    return renew();
  };
  renewal = keepRenewed({
    renew: counted,
    takenAtMs,
    times: LEASE_TIMES,
    lostReason: () => REASON,
  });
  return renewal.signal;
}

describe("keepRenewed", () => {
  it("renews every 10 s for as long as it takes, and no more once it is stopped", async () => {
    const signal = start();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(renewals).toBe(360);
    expect(signal.aborted).toBe(false);
    renewal?.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(renewals).toBe(360);
    expect(signal.aborted).toBe(false);
  });

  it("aborts at once when a renewal finds that the claim is lost", async () => {
    const signal = start();
    renew = async () => false;
    await vi.advanceTimersByTimeAsync(9999);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.reason).toBe(REASON);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(renewals).toBe(1);
  });

  it("aborts 25 s after the last renewal that got through was sent", async () => {
    const signal = start();
    await vi.advanceTimersByTimeAsync(10_000);
    renew = () => Promise.reject(new Error("the catalog is busy"));
    await vi.advanceTimersByTimeAsync(24_999);
    expect([renewals, signal.aborted]).toEqual([3, false]);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.reason).toBe(REASON);
  });

  it("aborts when a renewal does not return", async () => {
    const signal = start();
    renew = () => new Promise(() => {});
    await vi.advanceTimersByTimeAsync(25_000);
    expect(signal.aborted).toBe(true);
    expect(renewals).toBe(1);
  });

  it("counts from when the claim was asked for", async () => {
    const signal = start(performance.now() - 20_000);
    renew = () => Promise.reject(new Error("the catalog is busy"));
    await vi.advanceTimersByTimeAsync(4999);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.aborted).toBe(true);
  });

  it("recovers from a renewal that failed", async () => {
    const signal = start();
    renew = () => Promise.reject(new Error("the catalog is busy"));
    await vi.advanceTimersByTimeAsync(15_000);
    renew = async () => true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(signal.aborted).toBe(false);
  });
});
