import type { Viewer } from "../../access/viewer.js";
import type { Db } from "../sql.js";
import { type CandidateQuery, lookUp, scopesOf, walk } from "./candidates.js";
import { numbersOf } from "./document-numbers.js";
import { findByHash, hashRangeOf } from "./hash-prefix.js";
import { type SearchKind, searchedText } from "./search-text.js";

/** What to search for, and who asks. */
export interface SearchOptions {
  readonly viewer: Viewer;
  /**
   * Found anywhere in a path, description, tag or label (as `key=value`), in either case; no
   * character in it is special. Of an image also the beginning of its hash.
   */
  readonly text: string;
  /** Most results, at least 1. */
  readonly limit: number;
  /** Where the page starts: the `next` of the page before; absent: with the newest. */
  readonly before?: number | undefined;
  /** Only images of one of these arches, by the file or by a tag; empty or absent: of any. */
  readonly arches?: readonly string[] | undefined;
  /** Only signed (true) or only unsigned (false) images. */
  readonly isSigned?: boolean | undefined;
  /** How far a page looks. Default: {@link REACH}. */
  readonly reach?: SearchReach | undefined;
}

/**
 * How many documents of a kind a page looks at, at most: first the newest one by one, which serves
 * common texts and viewers who see little; then those that the index finds, in two steps, because
 * most pages are full after the first.
 */
export interface SearchReach {
  readonly newest: number;
  readonly indexed: readonly [first: number, second: number];
}

/** For the four kinds together 2000 of the newest, and 5000 that the index finds. */
export const REACH: SearchReach = { newest: 500, indexed: [125, 1125] };

/** Something that was found. */
export interface Found<Record> {
  readonly record: Record;
  /** The number of its document: the `before` of a page that starts after it. */
  readonly seq: number;
  /** Bytes of JSON at most for the ids and tags that its model lists. */
  readonly listedBytes: number;
}

/**
 * A page of results, newest first. It may have fewer than asked for, or none, and yet a `next`: a
 * search looks at a bounded number of documents for each page.
 */
export interface FoundPage<Record> {
  readonly found: readonly Found<Record>[];
  /** The `before` of the next page; undefined: there is none. */
  readonly next: number | undefined;
}

/** Reads those of the documents that the viewer may see and that have the text, in any order. */
export type ReadFound<Record> = (
  db: Db,
  query: CandidateQuery,
  seqs: readonly number[],
) => Promise<readonly Found<Record>[]>;

/** Hits whose records are read at a time. */
const SLICE = 100;

/** Finds one page of one kind. */
export async function findPage<Record>(
  db: Db,
  { kind, read }: { readonly kind: SearchKind; readonly read: ReadFound<Record> },
  options: SearchOptions,
): Promise<FoundPage<Record>> {
  const { viewer, limit, arches = [], isSigned } = options;
  const text = searchedText(options.text);
  const query = { kind, text, scopes: await scopesOf(db, viewer), arches, isSigned };
  const found: Found<Record>[] = [];
  let before = options.before ?? numbersOf(kind).end;
  let byHash = await hashHits(db, query, before);
  for (const { look, most } of stepsOf(options.reach ?? REACH)) {
    const seen = await look(db, query, { before, limit: most });
    const isEnd = seen.count < most;
    const floor = isEnd ? Number.NEGATIVE_INFINITY : (seen.lowest ?? before);
    const hits = mergeHits(seen.hits, byHash, floor);
    byHash = byHash.filter((seq) => seq < floor);
    for (let at = 0; at < hits.length; at += SLICE) {
      const records = await read(db, query, hits.slice(at, at + SLICE));
      found.push(...records.toSorted((a, b) => b.seq - a.seq));
      if (found.length >= limit) return pageOf(found, limit);
    }
    if (isEnd) return { found, next: undefined };
    before = floor;
  }
  return { found, next: before };
}

function stepsOf({ newest, indexed }: SearchReach) {
  return [{ look: walk, most: newest }, ...indexed.map((most) => ({ look: lookUp, most }))];
}

function pageOf<Record>(found: readonly Found<Record>[], limit: number): FoundPage<Record> {
  const page = found.slice(0, limit);
  return { found: page, next: page.at(-1)?.seq };
}

/** The hits by text, and those by hash down to the same number, newest first. */
function mergeHits(
  hits: readonly number[],
  byHash: readonly number[],
  floor: number,
): readonly number[] {
  const inRange = byHash.filter((seq) => seq >= floor);
  return [...new Set([...hits, ...inRange])].toSorted((a, b) => b - a);
}

async function hashHits(db: Db, query: CandidateQuery, before: number): Promise<number[]> {
  const range = query.kind === "image" ? hashRangeOf(query.text) : undefined;
  return range === undefined ? [] : findByHash(db, { query, range }, before);
}
