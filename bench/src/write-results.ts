import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Compared, Times } from "./compare.js";
import { type Spread, spreadText } from "./spread.js";

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));

/** Results of a benchmark, and the machine they were measured on. */
export interface Results {
  readonly machine: Readonly<Record<string, string>>;
  readonly results: readonly Compared[];
}

/** Writes results as `bench/results/<name>.json` and `.md`, and prints the table. */
export async function writeResults(name: string, results: Results): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  const table = resultsTable(results);
  await writeFile(`${RESULTS}${name}.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(`${RESULTS}${name}.md`, table);
  console.log(table);
}

function resultsTable({ machine, results }: Results): string {
  const rows = results.map(({ name, peer, work, processor, process }) => [
    name,
    peer,
    ...timesText(work),
    ...timesText(processor),
    ...timesText(process),
  ]);
  const measures = ["work", "processor time of work", "whole process"];
  const heads = [
    "task",
    "beside",
    ...measures.flatMap((measure) => [`ours: ${measure}, ms`, "theirs", "ratio"]),
  ];
  const facts = Object.entries(machine).map(([fact, value]) => `${fact}: ${value}`);
  const lines = [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n\n${facts.join("; ")}.\n`;
}

function timesText(times: Times | null): string[] {
  if (times === null) return ["", "", ""];
  return [timeText(times.ours), timeText(times.theirs), ratioText(times.ratio)];
}

function timeText(spread: Spread): string {
  return spreadText(spread, spread.median < 100 ? 1 : 0);
}

function ratioText(spread: Spread): string {
  return spreadText(spread, 2);
}
