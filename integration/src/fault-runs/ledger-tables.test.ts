import { describe, expect, it } from "vitest";

import type { FaultCase } from "./fault-case.js";
import { ledgerTables } from "./ledger-tables.js";
import { runCase } from "./run-case.js";

const T0: FaultCase = {
  id: "T0",
  title: "all ends",
  seeds: 4,
  concurrency: 3,
  open: async () => ({
    variants: [
      {
        name: "by seed",
        run: async (seed) => {
          if (seed === 2) throw new Error("WRONG FILE");
          return seed === 3 ? { kind: "refused", code: "network" } : { kind: "whole" };
        },
      },
    ],
    close: async () => {},
  }),
};

describe("runCase", () => {
  it("counts the outcomes of all seeds, and names those that broke a promise", async () => {
    const entry = await runCase(T0, { firstSeed: 1, seeds: 4, command: "again" });
    expect(entry.rows).toEqual([
      {
        variant: "by seed",
        runs: 4,
        whole: 2,
        refused: { network: 1 },
        broken: ["seed 2: WRONG FILE"],
      },
    ]);
  });
});

describe("ledgerTables", () => {
  it("adds up all variants of a test, and lists each one", async () => {
    const entry = await runCase(T0, { firstSeed: 1, seeds: 4, command: "again" });
    const text = ledgerTables([entry]);
    expect(text).toContain("| T0 | all ends | 1 | 1–4 | 4 | 2 | 1 | 1 | `again` |");
    expect(text).toContain("| by seed | 4 | 2 | `network` 1 | 1 |");
  });
});
