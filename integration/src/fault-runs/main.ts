/**
 * Runs the fault cases: `npm run faults -- [--only T6[,T7]] [--runs N] [--seed S] [--variant
 * TEXT]`. Runs with all seeds, that is without `--runs` and `--seed`, are recorded in the ledger,
 * `docs/fault-runs.md`. Exits with 1 if a promise was broken.
 */
import { parseArgs } from "node:util";

import { FAULT_CASES } from "./cases.js";
import type { FaultCase } from "./fault-case.js";
import { type LedgerRow, recordEntry } from "./ledger.js";
import { runCase } from "./run-case.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    runs: { type: "string" },
    seed: { type: "string", default: "1" },
    variant: { type: "string" },
  },
});
const wanted = values.only.split(",").filter((id) => id !== "");
const unknown = wanted.filter((id) => !FAULT_CASES.some((one) => one.id === id));
if (unknown.length > 0) throw new Error(`no such test: ${unknown.join(", ")}`);

for (const faultCase of FAULT_CASES) {
  if (wanted.length === 0 || wanted.includes(faultCase.id)) await run(faultCase);
}

async function run(faultCase: FaultCase): Promise<void> {
  say(`${faultCase.id}: ${faultCase.title}`);
  const isWhole = values.runs === undefined && values.seed === "1";
  const entry = await runCase(faultCase, {
    firstSeed: Number(values.seed),
    seeds: Number(values.runs ?? faultCase.seeds),
    command: `npm run faults -- --only ${faultCase.id}`,
    variant: values.variant,
    onRow: sayRow,
  });
  if (entry.rows.some(({ broken }) => broken.length > 0)) process.exitCode = 1;
  if (isWhole) await recordEntry(entry, values.variant !== undefined);
}

function sayRow({ variant, runs, whole, refused, broken }: LedgerRow): void {
  const codes = Object.entries(refused).map(([code, times]) => `${code} ${times}`);
  say(
    `  ${variant}: ${[`${runs} runs`, `whole ${whole}`, ...codes, `broken ${broken.length}`].join(", ")}`,
  );
  for (const line of broken) say(`    ${line}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
