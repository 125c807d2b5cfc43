import type { Catalog } from "../catalog.js";
import { firstRow, prepare } from "../session/prepared.js";
import type { SearchKind } from "./search-text.js";

/**
 * The kinds in the order of their numbers. Each has a range of its own, so that a query for one
 * kind passes over the postings of the others without reading them. With numbers in one sequence, a
 * search for a container took 200 ms in a catalog of a million images.
 */
export const KINDS: readonly SearchKind[] = ["entity", "collection", "container", "image"];

/** How many numbers a kind has. Four times as many are still exact in JavaScript. */
const RANGE = 2 ** 48;

/** The numbers that documents of a kind have: at least `first`, below `end`. */
export type NumberRange = {
  readonly first: number;
  readonly end: number;
};

/** The numbers of a kind. */
export function numbersOf(kind: SearchKind): NumberRange {
  const first = KINDS.indexOf(kind) * RANGE;
  return { first, end: first + RANGE };
}

const HIGHEST = prepare((db, { first, end }: NumberRange) =>
  db
    .selectFrom("search_documents")
    .select("seq")
    .where("seq", ">=", first)
    .where("seq", "<", end)
    .orderBy("seq", "desc")
    .limit(1),
);

const LOWEST = prepare((db, { first, end }: NumberRange) =>
  db
    .selectFrom("search_documents")
    .select("seq")
    .where("seq", ">=", first)
    .where("seq", "<", end)
    .orderBy("seq")
    .limit(1),
);

/** The number for a new document: above all of its kind. */
export async function nextNumber(catalog: Catalog, kind: SearchKind): Promise<number> {
  const highest = await firstRow(catalog, HIGHEST, numbersOf(kind));
  return highest === undefined ? middleOf(kind) : highest.seq + 1;
}

/** The first of `count` numbers that are below all of the kind, for what is older. */
export async function firstOldNumber(
  catalog: Catalog,
  kind: SearchKind,
  count: number,
): Promise<number> {
  const lowest = await firstRow(catalog, LOWEST, numbersOf(kind));
  return (lowest?.seq ?? middleOf(kind)) - count;
}

// New things go up from here, what older releases left goes down.
function middleOf(kind: SearchKind): number {
  return numbersOf(kind).first + RANGE / 2;
}
