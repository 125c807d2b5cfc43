import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { ledgerTables } from "./ledger-tables.js";

/** Results of one variant of a test. */
export interface LedgerRow {
  readonly variant: string;
  readonly runs: number;
  /** Runs that ended with the right file or image. */
  readonly whole: number;
  /** Runs that ended with a typed error and did no damage, by code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Runs that broke a promise, each as `seed N: finding`. */
  readonly broken: readonly string[];
}

/** Results of a test of the catalogue. */
export interface LedgerEntry {
  /** As in the catalogue of tests: `T6`. */
  readonly id: string;
  readonly title: string;
  /** The command that repeats it. */
  readonly command: string;
  readonly firstSeed: number;
  readonly seeds: number;
  readonly rows: readonly LedgerRow[];
}

const LEDGER = fileURLToPath(new URL("../../../docs/fault-runs.json", import.meta.url));
const PAGE = fileURLToPath(new URL("../../../docs/fault-runs.md", import.meta.url));
const TABLES_BEGIN = "<!-- tables: written by npm run faults -->\n";

/**
 * Replaces the entry of the same test in the ledger, and rewrites the tables of the page. An entry
 * with only some variants keeps the others.
 */
export async function recordEntry(entry: LedgerEntry, isOfSome: boolean): Promise<void> {
  const before = await readLedger();
  const earlier = before.find(({ id }) => id === entry.id);
  const kept = before.filter(({ id }) => id !== entry.id);
  const now = isOfSome && earlier !== undefined ? withRows(earlier, entry.rows) : entry;
  const entries = [...kept, now].toSorted((a, b) => numberOf(a) - numberOf(b));
  await writeFile(LEDGER, `${JSON.stringify(entries, undefined, 1)}\n`);
  const [intro = ""] = (await readFile(PAGE, "utf8")).split(TABLES_BEGIN);
  await writeFile(PAGE, `${intro}${TABLES_BEGIN}\n${ledgerTables(entries)}`);
}

function withRows(earlier: LedgerEntry, rows: readonly LedgerRow[]): LedgerEntry {
  const byVariant = new Map([...earlier.rows, ...rows].map((row) => [row.variant, row]));
  return { ...earlier, rows: [...byVariant.values()] };
}

/** Returns all entries, in the order of the catalogue. */
export async function readLedger(): Promise<LedgerEntry[]> {
  return JSON.parse(await readFile(LEDGER, "utf8"));
}

const numberOf = ({ id }: LedgerEntry) => Number(id.slice(1));
