import { existsSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { heapSlope } from "./fault-runs/heap-slope.js";
import { leakCase } from "./fault-runs/cases/t16-leaks.js";
import { runCase } from "./fault-runs/run-case.js";

/** `npm run faults -- --only T16` runs many more pulls. */
const PULLS = 200;

describe("pulls in one process", () => {
  it.skipIf(!existsSync("/proc/self/fd"))(
    "leave nothing behind, whether they end or are aborted (Linux)",
    async () => {
      const entry = await runCase(leakCase(PULLS), { firstSeed: 7, seeds: 1, command: "" });
      expect(entry.rows.flatMap(({ broken }) => broken)).toEqual([]);
    },
    120_000,
  );
});

describe("heapSlope", () => {
  it("returns the bytes that each pull adds", () => {
    const samples = [0, 10, 20, 30].map((pull) => ({ pull, heapBytes: 1_000 + 7 * pull }));
    expect(heapSlope(samples)).toBeCloseTo(7);
    expect(heapSlope(samples.map(({ pull }) => ({ pull, heapBytes: 5 })))).toBe(0);
  });
});
