/**
 * Most ids in a list of children; the newest are kept. 10 000 ids are 270 kB of JSON, far below the 4 MiB that clients read, and
 * no client needs the list to work.
 */
export const MAX_LISTED_IDS = 10_000;

/** The ids of rows that came newest first, oldest first. */
export function oldestFirst(rows: readonly { readonly id: string }[]): string[] {
  return rows.map((row) => row.id).toReversed();
}
