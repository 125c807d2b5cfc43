import { Fault } from "../faults/fault.js";

/**
 * Where a page of a search starts, for entities, collections, containers and images: with the
 * newest (`start`), below a document's number, or nowhere because earlier pages had all (`end`).
 */
export type SearchPosition = readonly [KindPosition, KindPosition, KindPosition, KindPosition];

type KindPosition = "start" | "end" | number;

const POSITION = /^(?:\d{1,16}|end)(?:,(?:\d{1,16}|end)){3}$/;

/**
 * Reads the `next` of the page before; an empty text is the first page.
 *
 * @throws Fault `bad-request` for anything else, the `next` of an older release among it.
 */
export function readSearchPosition(after: string): SearchPosition {
  if (after === "") return ["start", "start", "start", "start"];
  const [entity, collection, container, image] = POSITION.test(after)
    ? after.split(",").map((part) => (part === "end" ? part : Number(part)))
    : [];
  if (
    entity !== undefined &&
    collection !== undefined &&
    container !== undefined &&
    image !== undefined
  ) {
    return [entity, collection, container, image];
  }
  throw new Fault(
    "bad-request",
    "the page to search after is not valid; pass on the `next` of the page before, or start anew",
  );
}

/** The `next` of a page, from where each kind goes on; empty if all have ended. */
export function writeSearchPosition(nexts: readonly (number | undefined)[]): string {
  if (nexts.every((next) => next === undefined)) return "";
  return nexts.map((next) => next ?? "end").join(",");
}
