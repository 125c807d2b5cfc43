import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Spread } from "../spread.js";
import type { ContenderResult } from "./contenders.js";

/** Pulls or pushes of one image over one link by all contenders. */
export interface CellRecord {
  readonly kind: "cell";
  readonly direction: "pull" | "push";
  readonly size: string;
  /** Round-trip time of the shaped link; 0 is loopback. */
  readonly delayMs: number;
  /** Description of the link and its behaviour. */
  readonly link: string;
  readonly rounds: number;
  readonly contenders: readonly ContenderResult[];
}

/** A single measured quantity. */
export interface FigureRecord {
  readonly kind: "figure";
  readonly part: "server" | "memory";
  readonly name: string;
  readonly unit: string;
  readonly value: Spread;
}

/** A measurement. */
export type Measurement = CellRecord | FigureRecord;

/** A measurement, with the commit that it was made at. */
export type TransferRecord = Measurement & { readonly commit: string };

/** All results; a record replaces an older one of the same measurement. */
export interface TransferResults {
  readonly machine: Readonly<Record<string, string>>;
  readonly records: readonly TransferRecord[];
}

const FILE = fileURLToPath(new URL("../../results/transfers.json", import.meta.url));

/**
 * Returns the results of earlier runs merged with new ones, so that parts can be measured
 * separately.
 */
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
