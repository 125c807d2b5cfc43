import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { type Spread, spreadText } from "../spread.js";

const RESULTS = fileURLToPath(new URL("../../results/", import.meta.url));

/** One side of a cell. */
export interface LoadSummary {
  readonly requestsPerSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly failures: number;
}

/** One kind of request at one size, with one number of connections. */
export interface RequestCell {
  readonly size: number;
  readonly kind: string;
  readonly connections: number;
  readonly ours: LoadSummary;
  readonly yardstick: LoadSummary;
  /** Our requests per second divided by the yardstick's. */
  readonly ratio: Spread;
}

/** Lookups alone, and during searches by other clients. */
export interface StallRecord {
  readonly size: number;
  readonly quiet: LoadSummary;
  readonly busy: LoadSummary;
  /** The p99 under load divided by the p99 without. */
  readonly ratio: Spread;
}

/** Everything that a run measured. */
export interface RequestResults {
  readonly machine: Readonly<Record<string, string>>;
  readonly cells: readonly RequestCell[];
  readonly stalls: readonly StallRecord[];
}

/** Writes results as `bench/results/requests.json` and `.md`, and prints the tables. */
export async function writeRequestResults(results: RequestResults): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  const text = resultsText(results);
  await writeFile(`${RESULTS}requests.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(`${RESULTS}requests.md`, text);
  console.log(text);
}

function resultsText({ machine, cells, stalls }: RequestResults): string {
  const facts = Object.entries(machine).map(([fact, value]) => `${fact}: ${value}`);
  const cellRows = cells.map((cell) => [
    String(cell.size),
    cell.kind,
    String(cell.connections),
    rate(cell.ours),
    rate(cell.yardstick),
    spreadText(cell.ratio, 2),
    spreadText(cell.ours.p50Ms, 2),
    spreadText(cell.ours.p99Ms, 2),
    spreadText(cell.yardstick.p99Ms, 2),
    String(cell.ours.failures),
  ]);
  const stallRows = stalls.map((stall) => [
    String(stall.size),
    rate(stall.quiet),
    rate(stall.busy),
    spreadText(stall.quiet.p99Ms, 2),
    spreadText(stall.busy.p99Ms, 2),
    spreadText(stall.ratio, 2),
  ]);
  return [
    "### Requests beside the yardstick",
    "",
    ...table(
      [
        "images",
        "request",
        "connections",
        "ours, requests/s",
        "yardstick, requests/s",
        "ratio",
        "ours p50, ms",
        "ours p99, ms",
        "yardstick p99, ms",
        "rejected",
      ],
      cellRows,
    ),
    "",
    "### Lookups while four clients search",
    "",
    ...table(
      [
        "images",
        "alone, requests/s",
        "beside, requests/s",
        "p99 alone, ms",
        "p99 beside, ms",
        "ratio",
      ],
      stallRows,
    ),
    "",
    `${facts.join("; ")}.`,
    "",
  ].join("\n");
}

function rate({ requestsPerSecond }: LoadSummary): string {
  return spreadText(requestsPerSecond, 0);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}
