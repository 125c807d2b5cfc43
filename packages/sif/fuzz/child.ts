// A process of a fuzzing run: `child.mjs <range and limits as JSON> <file for the current index>
// <images…>`.
import { openSync, readFileSync, writeSync } from "node:fs";
import { type FuzzLimits, type InputRange, runInputs } from "./run-inputs.js";
import { SELF_TEST_TARGETS } from "./self-test-targets.js";
import { fuzzTargets } from "./targets.js";

const [plan = "", progress = "", ...images] = process.argv.slice(2);
const { range, limits }: { range: InputRange; limits: FuzzLimits } = JSON.parse(plan);
const targets = await fuzzTargets(images.map((path) => new Uint8Array(readFileSync(path))));
const target = { ...targets, ...SELF_TEST_TARGETS }[range.target];
if (target === undefined) throw new Error(`there is no target ${range.target}`);
const file = openSync(progress, "r+");
// Written synchronously, so the parent knows the index after a crash.
const report = await runInputs(target, range, limits, (index) => {
  writeSync(file, `${index}`.padEnd(20), 0);
});
process.send?.(report);
process.disconnect?.();
