import { describe, expect, it } from "vitest";

import { retryConflicts } from "./retry-conflicts.js";

const CONFLICT = new Error("conflict");
const isConflict = (error: unknown) => error === CONFLICT;

/** Work that conflicts that many times before it succeeds. */
function createWork(conflicts: number) {
  let runs = 0;
  const work = async () => {
    runs += 1;
    if (runs <= conflicts) throw CONFLICT;
    return "done";
  };
  return { work, runs: () => runs };
}

describe("retryConflicts", () => {
  it.each([0, 1, 5])("returns the result after %i conflicts", async (conflicts) => {
    const { work, runs } = createWork(conflicts);

    expect(await retryConflicts(isConflict, work)).toBe("done");
    expect(runs()).toBe(conflicts + 1);
  });

  it("rejects with the conflict after five retries", async () => {
    const { work, runs } = createWork(100);

    await expect(retryConflicts(isConflict, work)).rejects.toBe(CONFLICT);
    expect(runs()).toBe(6);
  });

  it("rejects with any other error at once", async () => {
    const failure = new Error("failure");
    let runs = 0;
    const work = async () => {
      runs += 1;
      throw failure;
    };

    await expect(retryConflicts(isConflict, work)).rejects.toBe(failure);
    expect(runs).toBe(1);
  });

  it("waits at least 5 ms between two attempts", async () => {
    const startedAt = performance.now();
    await retryConflicts(isConflict, createWork(5).work);

    // Timers may fire up to 1 ms early.
    expect(performance.now() - startedAt).toBeGreaterThan(5 * 4);
  });
});
