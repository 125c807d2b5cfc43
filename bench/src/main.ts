/**
/**
 * Measures against peers: `npm run bench -- requests|sif|start|transfers`. Results go to
 * `bench/results/`.
 */
import { benchRequests } from "./requests/bench-requests.js";
import { benchSif } from "./sif/bench-sif.js";
import { benchStart } from "./start/bench-start.js";
import { benchTransfers } from "./transfers/bench-transfers.js";

const BENCHMARKS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  requests: benchRequests,
  sif: benchSif,
  start: benchStart,
  transfers: benchTransfers,
};

const [name = "", ...args] = process.argv.slice(2);
const run = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (run === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHMARKS).join("|")}`);
  process.exitCode = 2;
} else {
  await run(args).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
