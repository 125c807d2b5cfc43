import { join } from "node:path";

import type { BenchImage } from "./bench-image.js";
import { hasProgram } from "./bench-programs.js";
import { compete } from "./contenders.js";
import { libraryCalls } from "./library-calls.js";
import { pullContenders } from "./pull-contenders.js";
import { pushContenders } from "./push-contenders.js";
import type { CellRecord } from "./transfer-results.js";
import type { BenchRun, TransferSetting } from "./transfer-setting.js";

/** Sizes of the pulled and pushed images. */
export const RACE_SIZES_MIB = [256, 1024] as const;

/** How cells are measured. */
export interface CellPlan {
  readonly directions: readonly ("pull" | "push")[];
  readonly delayMs: number;
  /** Description of the link and its behaviour. */
  readonly link: string;
  /** Numbers of warm-up runs and of counted runs of each contender. */
  readonly warmups: number;
  readonly rounds: number;
}

/** Measures pulls and pushes of all images of the setting. */
export async function measureCells(
  run: BenchRun,
  setting: TransferSetting,
  plan: CellPlan,
): Promise<CellRecord[]> {
  const cells: CellRecord[] = [];
  for (const direction of plan.directions) {
    for (const image of setting.images) {
      console.log(`${direction} of ${image.label}, ${plan.link}, ${plan.rounds} rounds`);
      cells.push(await measureCell({ run, setting, plan }, direction, image));
    }
  }
  return cells;
}

interface Cells {
  readonly run: BenchRun;
  readonly setting: TransferSetting;
  readonly plan: CellPlan;
}

async function measureCell(
  { run: { folder, programs }, setting, plan }: Cells,
  direction: "pull" | "push",
  image: BenchImage,
): Promise<CellRecord> {
  const { bench, library, nginx } = setting;
  const task = { bench, library, nginx, image, goClient: programs.goClient };
  const tools = { hasAria2: await hasAria2(), isDiskLimited: plan.delayMs === 0 };
  const pull = { ...task, ...tools, output: join(folder, "pulled.sif") };
  const contenders =
    direction === "pull"
      ? pullContenders(pull)
      : pushContenders({ ...task, calls: libraryCalls(bench, library) });
  const { warmups, rounds, delayMs, link } = plan;
  const results = await compete(contenders, { rounds, warmups, bytes: image.bytes });
  const cell = { direction, size: image.label, delayMs, link, rounds, contenders: results };
  return { kind: "cell", ...cell };
}

async function hasAria2(): Promise<boolean> {
  const found = await hasProgram("aria2c");
  if (!found) console.log("SKIPPED: aria2c, which is not installed");
  return found;
}
