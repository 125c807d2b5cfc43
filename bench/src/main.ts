/** Measures against peers: `npm run bench -- sif`. Results go to `bench/results/`. */
import { benchSif } from "./sif/bench-sif.js";

const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = { sif: benchSif };

const name = process.argv[2] ?? "";
const run = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (run === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHMARKS).join("|")}`);
  process.exitCode = 2;
} else {
  await run();
}
