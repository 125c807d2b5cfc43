import type { FoundPage } from "../catalog/search/find-page.js";

/** About how long a page of results may be, in bytes of JSON. Clients read at most 4 MiB. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024;

/** Bytes that a model has beyond its record: names of fields, times as texts. */
const MODEL_BYTES = 1024;

type Pages<Kinds extends readonly unknown[]> = { [At in keyof Kinds]: FoundPage<Kinds[At]> };

/**
 * Ends each list of results where it has its share of a page. What one list does not use is left to
 * those after it. Each keeps at least one result, so that a search gets on.
 */
export function fitResults<Kinds extends readonly unknown[]>(
  pages: readonly [...Pages<Kinds>],
): Pages<Kinds> {
  let left = MAX_PAGE_BYTES;
  const fitted = pages.map((page, at) => {
    const { bytes, ...rest } = fitPage(page, left / (pages.length - at));
    left -= bytes;
    return rest;
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same pages, shortened
  return fitted as unknown as Pages<Kinds>;
}

function fitPage<Record>(
  { found, next }: FoundPage<Record>,
  maxBytes: number,
): FoundPage<Record> & { readonly bytes: number } {
  let bytes = 0;
  for (const [at, { record, listedBytes }] of found.entries()) {
    const size = Buffer.byteLength(JSON.stringify(record)) + listedBytes + MODEL_BYTES;
    const last = found[at - 1];
    if (last !== undefined && bytes + size > maxBytes) {
      return { found: found.slice(0, at), next: last.seq, bytes };
    }
    bytes += size;
  }
  return { found, next, bytes };
}
