import type { LedgerEntry, LedgerRow } from "./ledger.js";

/** Returns the ledger as Markdown: a table of all tests, then a table for each. */
export function ledgerTables(entries: readonly LedgerEntry[]): string {
  const heads = ["test", "what", "variants", "seeds", "runs", ...ENDS, "command"];
  const rows = entries.map((entry) => [
    entry.id,
    entry.title,
    String(entry.rows.length),
    seedsText(entry),
    count(sum(entry.rows, ({ runs }) => runs)),
    count(sum(entry.rows, ({ whole }) => whole)),
    count(sum(entry.rows, refusals)),
    count(sum(entry.rows, ({ broken }) => broken.length)),
    `\`${entry.command}\``,
  ]);
  return [table(heads, rows), ...entries.map(entryTable)].join("\n");
}

const ENDS = ["complete and correct", "typed error, no damage", "**broken**"];

function entryTable({ id, title, rows }: LedgerEntry): string {
  const heads = ["variant", "runs", "complete and correct", "typed errors", "broken"];
  const cells = rows.map((row) => [
    row.variant,
    count(row.runs),
    count(row.whole),
    Object.entries(row.refused)
      .map(([code, times]) => `\`${code}\` ${times}`)
      .join(", "),
    count(row.broken.length),
  ]);
  return `## ${id}: ${title}\n\n${table(heads, cells)}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function seedsText({ firstSeed, seeds }: LedgerEntry): string {
  return seeds === 1 ? String(firstSeed) : `${firstSeed}–${firstSeed + seeds - 1}`;
}

const sum = (rows: readonly LedgerRow[], of: (row: LedgerRow) => number) =>
  rows.reduce((total, row) => total + of(row), 0);

const refusals = ({ refused }: LedgerRow) =>
  Object.values(refused).reduce((total, times) => total + times, 0);

const count = (value: number) => value.toLocaleString("en");
