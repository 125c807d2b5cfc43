import type { LockableTable, TransactionSession } from "./adapter.js";

/** The rows that a transaction decides on: ids, and for the blob its digest. */
export interface RowsToLock {
  readonly entity?: string | undefined;
  readonly container?: string | undefined;
  readonly image?: string | undefined;
  readonly upload?: string | undefined;
  readonly blob?: string | undefined;
}

/** One order for all, so that no two transactions wait for each other in a circle. */
const ORDER: readonly (readonly [keyof RowsToLock, LockableTable])[] = [
  ["entity", "entities"],
  ["container", "containers"],
  ["image", "images"],
  ["upload", "uploads"],
  ["blob", "blobs"],
];

/** Locks the rows, in the fixed order, until the transaction ends. Missing rows are skipped. */
export async function lockRows(
  session: Pick<TransactionSession, "lockRow">,
  rows: RowsToLock,
): Promise<void> {
  for (const [name, table] of ORDER) {
    const key = rows[name];
    if (key !== undefined) await session.lockRow(table, key);
  }
}
