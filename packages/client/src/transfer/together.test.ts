import { describe, expect, it } from "vitest";

import { together } from "./task-pool.js";

/** Rejects with the signal's reason once it aborts. */
const untilStopped = (stop: AbortSignal) =>
  new Promise<never>((_, reject) => {
    stop.addEventListener("abort", () => reject(stop.reason));
  });

describe("together", () => {
  it("returns both results", async () => {
    const both = together(undefined, () => [Promise.resolve(1), Promise.resolve("a")]);
    expect(await both).toEqual([1, "a"]);
  });

  it.each([0, 1])("rejects with the first failure and stops the other: %i fails", async (which) => {
    const fault = new Error("fault");
    let isStopped = false;
    const both = together(undefined, (stop) => {
      const other = untilStopped(stop).catch((error: unknown) => {
        isStopped = true;
        throw error;
      });
      const failing = Promise.reject(fault);
      return which === 0 ? [failing, other] : [other, failing];
    });
    await expect(both).rejects.toBe(fault);
    expect(isStopped).toBe(true);
  });

  it("rejects with the reason of an abort from outside", async () => {
    const abort = new AbortController();
    const both = together(abort.signal, (stop) => [untilStopped(stop), untilStopped(stop)]);
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(both).rejects.toBe(reason);
  });

  it("begins nothing when it is aborted already", async () => {
    const both = together(AbortSignal.abort(new Error("enough")), () => {
      throw new Error("begun");
    });
    await expect(both).rejects.toThrow("enough");
  });
});
