import { setImmediate } from "node:timers/promises";

import {
  MAX_SEARCH_LENGTH,
  MAX_SEARCH_PAGE,
  MIN_SEARCH_LENGTH,
  type SearchResults,
} from "@sifshelf/protocol";

import type { Principal } from "../access/principal.js";
import {
  searchCollections,
  searchContainers,
  searchEntities,
  searchImages,
} from "../catalog/search.js";
import { checkArch } from "./checked-input.js";
import { describeCollection } from "./collections.js";
import { describeContainer } from "./containers.js";
import { describeEntity } from "./entities.js";
import { describeImage } from "./images.js";
import { Fault } from "../faults/fault.js";
import type { Library } from "./library.js";
import { viewerOf } from "../access/principal.js";

/** What to look for. With `arches` or `isSigned` only images are looked for, as the Go package documents. */
export interface SearchRequest {
  readonly value: string;
  readonly arches: readonly string[];
  /** Only signed (true) or only unsigned (false) images; absent: both. */
  readonly isSigned?: boolean | undefined;
  /** Most results of each kind. */
  readonly limit: number;
  /** Where the page starts: the `next` of the one before; empty for the first. */
  readonly after: string;
  /** Whether nobody waits for the results any more. */
  readonly isAbandoned: () => boolean;
}

/** Most arches in one search; there are not that many. */
const MAX_SEARCH_ARCHES = 32;

/** A page of results, and where the next one starts; `next` is empty on the last page. */
export interface SearchPage {
  readonly results: SearchResults;
  readonly next: string;
}

/**
 * Finds what the principal may see and whose name, description, label, tag or hash contains the text, whatever the case; newest first.
 *
 * One search runs at a time, and other requests between two of them.
 *
 * @throws Fault `bad-request` for a text that is too short or too long, or an arch, limit or page that is not valid.
 */
export async function search(
  library: Library,
  principal: Principal,
  request: SearchRequest,
): Promise<SearchPage> {
  checkRequest(request);
  return library.throttle.hold("search", async () => {
    // A search reads much of the catalog in one go. Whatever else has come meanwhile goes before the next one.
    await setImmediate();
    if (request.isAbandoned()) throw new Fault("bad-request", "the searcher has gone");
    return searchNow(library, principal, request);
  });
}

async function searchNow(
  library: Library,
  principal: Principal,
  request: SearchRequest,
): Promise<SearchPage> {
  const viewer = viewerOf(principal);
  const { limit } = request;
  const starts = readPage(request.after);
  const query = { viewer, text: request.value, limit };
  const isImagesOnly = request.arches.length > 0 || request.isSigned !== undefined;
  const { catalog } = library;
  const [entities, collections, containers, images] = await Promise.all([
    isImagesOnly ? [] : searchEntities(catalog, { ...query, afterId: starts[0] }),
    isImagesOnly ? [] : searchCollections(catalog, { ...query, afterId: starts[1] }),
    isImagesOnly ? [] : searchContainers(catalog, { ...query, afterId: starts[2] }),
    searchImages(catalog, {
      ...query,
      afterId: starts[3],
      arches: request.arches,
      isSigned: request.isSigned,
    }),
  ]);
  return {
    results: {
      entity: await describeAll(entities, (record) => describeEntity(library, viewer, record)),
      collection: await describeAll(collections, (record) =>
        describeCollection(library, viewer, record),
      ),
      container: await describeAll(containers, (record) => describeContainer(library, record)),
      image: await describeAll(images, (record) => describeImage(library, record)),
    },
    next: nextPage([entities, collections, containers, images], limit),
  };
}

function checkRequest({ value, arches, limit }: SearchRequest): void {
  if (value.length < MIN_SEARCH_LENGTH || value.length > MAX_SEARCH_LENGTH) {
    throw new Fault(
      "bad-request",
      `the search text has ${value.length} characters; it takes from ${MIN_SEARCH_LENGTH} to ${MAX_SEARCH_LENGTH}`,
    );
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_SEARCH_PAGE) {
    throw new Fault("bad-request", `the limit of a page is from 1 to ${MAX_SEARCH_PAGE}`);
  }
  // For databases a text may end there, and "abc" would be found for "abc\0def".
  if (value.includes("\0")) {
    throw new Fault("bad-request", "the search text has a NUL character; send plain text");
  }
  if (arches.length > MAX_SEARCH_ARCHES) {
    throw new Fault(
      "bad-request",
      `the search is for ${arches.length} arches; at most ${MAX_SEARCH_ARCHES} are possible`,
    );
  }
  for (const arch of arches) checkArch(arch);
}

/** A page's start is the last id of each kind on the page before: results are in descending order of ids. */
const BEFORE_ALL = "f".repeat(24);
const AFTER_ALL = "0".repeat(24);
const PAGE = /^[0-9a-f]{24}(?:\.[0-9a-f]{24}){3}$/;

function readPage(after: string): readonly [string, string, string, string] {
  if (after === "") return [BEFORE_ALL, BEFORE_ALL, BEFORE_ALL, BEFORE_ALL];
  const [entity, collection, container, image] = PAGE.test(after) ? after.split(".") : [];
  if (entity && collection && container && image) return [entity, collection, container, image];
  throw new Fault(
    "bad-request",
    "the page to search after is not valid; pass on the `next` of the page before",
  );
}

function nextPage(lists: readonly (readonly { readonly id: string }[])[], limit: number): string {
  const starts = lists.map((list) => (list.length === limit ? list.at(-1)?.id : undefined));
  if (starts.every((start) => start === undefined)) return "";
  return starts.map((start) => start ?? AFTER_ALL).join(".");
}

function describeAll<Record, Model>(
  records: readonly Record[],
  describe: (record: Record) => Promise<Model>,
): Promise<Model[]> {
  return Promise.all(records.map((record) => describe(record)));
}
