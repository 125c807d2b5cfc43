import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { machineFacts } from "../machine-facts.js";
import { measureCells, RACE_SIZES_MIB } from "./bench-cells.js";
import { measureLinks } from "./bench-link.js";
import { measureMemory } from "./bench-memory.js";
import { measureServer } from "./bench-server.js";
import { buildPrograms, peerVersions } from "./bench-programs.js";
import { untilInterrupted } from "./interruption.js";
import { type Part, parseTransferOptions, type TransferOptions } from "./transfer-options.js";
import { type Measurement, mergedResults, type TransferRecord } from "./transfer-results.js";
import { type BenchRun, loopback, withSetting } from "./transfer-setting.js";
import { printTransferResults, writeTransferResults } from "./write-transfer-results.js";

const LOOPBACK_ROUNDS = 5;

/** Compares pushes and pulls with other tools. Writes each part's results when the part is done. */
export async function benchTransfers(args: readonly string[]): Promise<void> {
  const options = parseTransferOptions(args);
  const commit = await currentCommit();
  const machine = { ...machineFacts(), ...(await peerVersions()) };
  await untilInterrupted(async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), "sifshelf-bench-transfers-"));
    try {
      const run: BenchRun = { folder, signal, programs: await buildPrograms(folder, signal) };
      for (const part of options.parts) {
        const measured = await MEASURES[part](run, options);
        const fresh = measured.map((record): TransferRecord => Object.assign({ commit }, record));
        // A quick run does not replace full results.
        if (options.isQuick) printTransferResults({ machine, records: fresh });
        else await writeTransferResults(await mergedResults(machine, fresh));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

const MEASURES: Readonly<
  Record<Part, (run: BenchRun, options: TransferOptions) => Promise<Measurement[]>>
> = {
  loopback: measureLoopback,
  link: measureLinks,
  server: measureServer,
  memory: measureMemory,
};

async function measureLoopback(run: BenchRun, options: TransferOptions): Promise<Measurement[]> {
  const { directions, sizesMib = RACE_SIZES_MIB, rounds = LOOPBACK_ROUNDS } = options;
  return await withSetting(run, loopback(sizesMib), (setting) =>
    measureCells(run, setting, { directions, delayMs: 0, link: "loopback", warmups: 1, rounds }),
  );
}

async function currentCommit(): Promise<string> {
  const cwd = import.meta.dirname;
  const { stdout } = await promisify(execFile)("git", ["describe", "--always", "--dirty"], { cwd });
  return stdout.trim();
}
