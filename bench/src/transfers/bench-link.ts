import { readFile } from "node:fs/promises";

import { measureCells, RACE_SIZES_MIB } from "./bench-cells.js";
import { linkProblem, type LinkShape, withShapedLink } from "./shaped-link.js";
import type { TransferOptions } from "./transfer-options.js";
import type { Measurement } from "./transfer-results.js";
import { type BenchRun, withSetting } from "./transfer-setting.js";

const LOSS_PERCENT = 0.1;
const MEGABITS_PER_SECOND = 10_000;
const ROUNDS = 3;

/** Measures pulls and pushes over links with delay and loss, or reports why no link is possible. */
export async function measureLinks(
  run: BenchRun,
  options: TransferOptions,
): Promise<Measurement[]> {
  const problem = await linkProblem();
  if (problem !== undefined) {
    console.log(`SKIPPED: links with delay and loss: ${problem}`);
    return [];
  }
  const records: Measurement[] = [];
  for (const roundTripMs of options.delaysMs) {
    const shape = {
      roundTripMs,
      lossPercent: LOSS_PERCENT,
      megabitsPerSecond: MEGABITS_PER_SECOND,
    };
    records.push(...(await measureLink(run, options, shape)));
  }
  return records;
}

async function measureLink(
  run: BenchRun,
  { sizesMib = RACE_SIZES_MIB, directions, rounds = ROUNDS }: TransferOptions,
  shape: LinkShape,
): Promise<Measurement[]> {
  return await withShapedLink(shape, run.programs.link, async ({ means, ...ends }) => {
    const link = `${linkText(shape)} by ${means}, congestion control ${await congestionControl()}`;
    const plan = { directions, delayMs: shape.roundTripMs, link, warmups: 0, rounds };
    return await withSetting(run, { ...ends, sizesMib }, (setting) =>
      measureCells(run, setting, plan),
    );
  });
}

function linkText({ roundTripMs, lossPercent, megabitsPerSecond }: LinkShape): string {
  return `${roundTripMs} ms there and back, ${megabitsPerSecond} Mbit/s and ${lossPercent} % loss each way`;
}

/** Returns the kernel's TCP congestion control, which determines the cost of loss. */
async function congestionControl(): Promise<string> {
  const text = await readFile("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").catch(() => "");
  return text.trim() || "unknown";
}
