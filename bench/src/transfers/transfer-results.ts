import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Spread } from "../spread.js";
import type { ContenderResult } from "./contenders.js";

/** Everyone's pull or push of one image over one link. */
export interface CellRecord {
  readonly kind: "cell";
  readonly direction: "pull" | "push";
  readonly size: string;
  /** Round-trip time of the shaped link; 0 is loopback. */
  readonly delayMs: number;
  /** What makes the link and how it behaves, in words. */
  readonly link: string;
  readonly rounds: number;
  readonly contenders: readonly ContenderResult[];
}

/** A measured quantity that is not a race. */
export interface FigureRecord {
  readonly kind: "figure";
  readonly part: "server" | "memory";
  readonly name: string;
  readonly unit: string;
  readonly value: Spread;
}

/** Something that was measured. */
export type Measurement = CellRecord | FigureRecord;

/** Something that was measured, and at which state of the code. */
export type TransferRecord = Measurement & { readonly commit: string };

/** All that is known; a record replaces an older one of the same thing. */
export interface TransferResults {
  readonly machine: Readonly<Record<string, string>>;
  readonly records: readonly TransferRecord[];
}

const FILE = fileURLToPath(new URL("../../results/transfers.json", import.meta.url));

/** Returns the results of earlier runs with new ones put in; parts can be measured one by one. */
export async function mergedResults(
  machine: TransferResults["machine"],
  fresh: readonly TransferRecord[],
): Promise<TransferResults> {
  const earlier = await earlierRecords();
  const replaced = new Set(fresh.map(keyOf));
  const kept = earlier.filter((record) => !replaced.has(keyOf(record)));
  const records = [...kept, ...fresh].toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
  return { machine, records };
}

async function earlierRecords(): Promise<readonly TransferRecord[]> {
  const text = await readFile(FILE, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const earlier: TransferResults = JSON.parse(text);
  return earlier.records;
}

function keyOf(record: TransferRecord): string {
  if (record.kind === "figure") return `figure ${record.part} ${record.name}`;
  const delay = String(record.delayMs).padStart(4, "0");
  const size = record.size.includes("GiB") ? `1 ${record.size}` : `0 ${record.size}`;
  return `cell ${delay} ${record.direction} ${size}`;
}
