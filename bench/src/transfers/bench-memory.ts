import { execFile } from "node:child_process";
import { rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { makeSparseImage } from "../sparse-image.js";
import { spreadOf } from "../spread.js";
import { type BenchImage, benchImage, writeBenchImage } from "./bench-image.js";
import { containerPath } from "./library-calls.js";
import { type MeasuredProgram, measureRun } from "./measured-run.js";
import { ourPull } from "./pull-contenders.js";
import { ourPush } from "./push-contenders.js";
import { memoryName } from "./transfer-goals.js";
import type { TransferOptions } from "./transfer-options.js";
import type { FigureRecord } from "./transfer-results.js";
import { type BenchRun, loopback, type TransferSetting, withSetting } from "./transfer-setting.js";

const SIZES_MIB = [1024, 20 * 1024] as const;
/** For the smaller images; the larger ones take minutes each. */
const ROUNDS = 3;
const SMALL_MIB = 1024;
const CONTAINER = "memory";

/** Measures the memory of our client while it pushes and pulls sparse images. */
export async function measureMemory(
  run: BenchRun,
  { rounds = ROUNDS, sizesMib = SIZES_MIB }: TransferOptions,
): Promise<FigureRecord[]> {
  return await withSetting(run, loopback([]), async (setting) => {
    const seed = await writeBenchImage(run.folder, 1);
    const figures: FigureRecord[] = [];
    for (const mib of sizesMib) {
      if (!(await hasRoom(run.folder, mib))) continue;
      const path = join(run.folder, `sparse-${mib}.sif`);
      await makeSparseImage(seed.path, path, mib * 2 ** 20);
      const image = benchImage(path, { mib, bytes: (await stat(path)).size, sha256: "" });
      figures.push(...(await measureImage({ run, setting, image }, mib <= SMALL_MIB ? rounds : 1)));
    }
    return figures;
  });
}

interface MemoryTask {
  readonly run: BenchRun;
  readonly setting: TransferSetting;
  readonly image: BenchImage;
}

async function measureImage(task: MemoryTask, rounds: number): Promise<FigureRecord[]> {
  const { run, setting, image } = task;
  const output = join(run.folder, "pulled.sif");
  const pushes: number[] = [];
  const pulls: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const container = `${CONTAINER}-${round}`;
    const reference = `${containerPath(container)}:latest`;
    pushes.push(
      await peakMebibytes(
        setting,
        ourPush({ library: setting.library, image }, container, "latest"),
      ),
    );
    pulls.push(
      await peakMebibytes(setting, ourPull({ library: setting.library, output }, reference)),
    );
    await promisify(execFile)("cmp", [image.path, output], { signal: run.signal });
    await rm(output);
  }
  return [
    figure(memoryName("push", image.label), pushes),
    figure(memoryName("pull", image.label), pulls),
  ];
}

async function peakMebibytes(
  { bench }: TransferSetting,
  program: MeasuredProgram,
): Promise<number> {
  const { peakRssBytes, wallMs } = await measureRun(bench, program);
  const [, command] = program.args;
  console.log(
    `  ${command}: ${Math.round(peakRssBytes / 2 ** 20)} MiB, ${Math.round(wallMs / 1000)} s`,
  );
  return peakRssBytes / 2 ** 20;
}

/**
 * The library and the pulled file each need disk space for the whole image, even for a sparse one.
 */
async function hasRoom(folder: string, mib: number): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  const isEnough = bavail * bsize > 2.2 * mib * 2 ** 20;
  if (!isEnough)
    console.log(`SKIPPED: memory at ${mib} MiB, because the disk has too little space`);
  return isEnough;
}

function figure(name: string, values: readonly number[]): FigureRecord {
  return { kind: "figure", part: "memory", name, unit: "MiB", value: spreadOf(values) };
}
