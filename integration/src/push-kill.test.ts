import { describe, expect, it } from "vitest";

import { T3 } from "./fault-runs/cases/t3-killed-pushes.js";
import { runCase } from "./fault-runs/run-case.js";

/**
 * Fixed seeds, so that a failure comes from a change and not from chance. `npm run faults -- --only
 * T3` uses many.
 */
const SEED = 7;

describe("a push that is killed", () => {
  it("completes with the right image and resends no accepted part, for every kind of kill", async () => {
    const entry = await runCase(T3, { firstSeed: SEED, seeds: 1, command: "" });
    expect(entry.rows.flatMap(({ broken }) => broken)).toEqual([]);
  }, 300_000);
});
