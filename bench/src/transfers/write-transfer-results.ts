import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { type Spread, spreadText } from "../spread.js";
import { type Goal, isReached, transferGoals } from "./transfer-goals.js";
import type { CellRecord, TransferRecord, TransferResults } from "./transfer-results.js";

const RESULTS = fileURLToPath(new URL("../../results/", import.meta.url));

/** Writes results as `bench/results/transfers.json` and `.md`, and prints the tables. */
export async function writeTransferResults(results: TransferResults): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(`${RESULTS}transfers.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(`${RESULTS}transfers.md`, resultsText(results));
  printTransferResults(results);
}

/** Prints the tables. */
export function printTransferResults(results: TransferResults): void {
  console.log(resultsText(results));
}

function resultsText({ machine, records }: TransferResults): string {
  const facts = Object.entries(machine).map(([fact, value]) => `${fact}: ${value}`);
  const commits = [...new Set(records.map(({ commit }) => commit))].join(", ");
  const sections = [
    "### Goals",
    goalsTable(transferGoals(records)),
    ...records.flatMap((record) => (record.kind === "cell" ? cellSection(record) : [])),
    ...figuresSection(records),
    `${facts.join("; ")}; measured at ${commits}.`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function goalsTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const { text, bound, limit, unit, measured } = goal;
    const value = measured === undefined ? "not measured" : numberText(measured);
    const verdict = { true: "reached", false: "missed", undefined: "" }[`${isReached(goal)}`] ?? "";
    return [text, `${bound} ${limit} ${unit}`.trim(), value, verdict];
  });
  return table(["what", "goal", "measured", "verdict"], rows);
}

function cellSection({ direction, size, delayMs, link, rounds, contenders }: CellRecord): string[] {
  const where = delayMs === 0 ? "loopback" : `${delayMs} ms`;
  const rows = contenders.map((contender, index) => [
    contender.name,
    spreadText(scaled(contender.wallMs, 1 / 1000), 2),
    spreadText(contender.processorSecondsPerGib, 2),
    spreadText(scaled(contender.peakRssBytes, 2 ** -20), 0),
    index === 0 ? "" : spreadText(contender.ratio, 2),
  ]);
  const heads = ["tool", "time, s", "processor time, s per GiB", "peak RSS, MiB", "ours / this"];
  const title = `### ${direction} of ${size}, ${where}`;
  return [title, `${rounds} rounds; ${link}.`, table(heads, rows)];
}

function figuresSection(records: readonly TransferRecord[]): string[] {
  const rows = records.flatMap((record) =>
    record.kind === "figure"
      ? [[record.part, record.name, numberText(record.value), record.unit]]
      : [],
  );
  if (rows.length === 0) return [];
  return ["### Server and memory", table(["part", "what", "measured", "unit"], rows)];
}

function numberText(value: Spread): string {
  return spreadText(value, value.median < 20 ? 2 : 0);
}

function scaled({ median, least, most }: Spread, factor: number): Spread {
  return { median: median * factor, least: least * factor, most: most * factor };
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
