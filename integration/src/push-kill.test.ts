import { describe, expect, it } from "vitest";

import { T3 } from "./fault-runs/cases/t3-killed-pushes.js";
import { runCase } from "./fault-runs/run-case.js";

/**
 * The same each time: a failure is one of the change and not of the day. `npm run faults -- --only
 * T3` takes many.
 */
const SEED = 7;

describe("a push that is killed", () => {
  it("ends with the right image and sends no part again that was taken, however it is killed", async () => {
    const entry = await runCase(T3, { firstSeed: SEED, seeds: 1, command: "" });
    expect(entry.rows.flatMap(({ broken }) => broken)).toEqual([]);
  }, 300_000);
});
