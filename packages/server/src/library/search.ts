import {
  MAX_SEARCH_LENGTH,
  MAX_SEARCH_PAGE,
  MIN_SEARCH_LENGTH,
  type SearchResults,
} from "@sifshelf/protocol";

import { type Principal, viewerOf } from "../access/principal.js";
import type { Viewer } from "../access/viewer.js";
import { readLong } from "../catalog/session/long-reads.js";
import type {
  CollectionRecord,
  ContainerRecord,
  EntityRecord,
  ImageRecord,
} from "../catalog/records.js";
import type { FoundPage } from "../catalog/search/find-page.js";
import {
  searchCollections,
  searchContainers,
  searchEntities,
  searchImages,
} from "../catalog/search/search.js";
import { isSearchable } from "../catalog/search/search-text.js";
import { Fault } from "../faults/fault.js";
import { checkArch } from "./checked-input.js";
import { describeCollections } from "./collections.js";
import { describeContainers } from "./containers.js";
import { describeEntities } from "./entities.js";
import { describeImages } from "./images.js";
import type { Library } from "./library.js";
import { type SearchPosition, readSearchPosition, writeSearchPosition } from "./search-position.js";
import { fitResults } from "./search-size.js";
import type { Sent } from "./sent.js";

/**
 * What to look for. With `arches` or `isSigned` only images are looked for, as the Go package
 * documents.
 */
export interface SearchRequest {
  /** 3 to 256 UTF-16 code units. */
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

/**
 * A page of results, and where the next one starts; `next` is empty on the last page. A page may be
 * short, or empty, and still have a `next`.
 */
export interface SearchPage {
  readonly results: Sent<SearchResults>;
  readonly next: string;
}

/**
 * Finds what the principal may see and whose name, description, label or tag contains the text,
 * whatever the case, and images whose hash begins with it; newest first.
 *
 * A page ends when it has `limit` results of each kind, when it is about 2 MiB long, or when the
 * search has looked at as many documents as one request may.
 *
 * @throws Fault `bad-request` for a text that is too short, too long or not searchable, or an arch,
 *   limit or page that is not valid; `rate-limited` when too many searches wait.
 */
export async function search(
  library: Library,
  principal: Principal,
  request: SearchRequest,
): Promise<SearchPage> {
  checkRequest(request);
  const position = readSearchPosition(request.after);
  return readLong(
    library.catalog,
    (catalog) =>
      searchNow({ ...library, catalog }, { viewer: viewerOf(principal), position, request }),
    request.isAbandoned,
  );
}

interface CheckedSearch {
  readonly viewer: Viewer;
  readonly position: SearchPosition;
  readonly request: SearchRequest;
}

async function searchNow(library: Library, checked: CheckedSearch): Promise<SearchPage> {
  const [entities, collections, containers, images] = fitResults(await findAll(library, checked));
  return {
    results: await describeAll(library, checked.viewer, {
      entities: recordsOf(entities),
      collections: recordsOf(collections),
      containers: recordsOf(containers),
      images: recordsOf(images),
    }),
    next: writeSearchPosition([entities.next, collections.next, containers.next, images.next]),
  };
}

function findAll({ catalog }: Library, { viewer, position, request }: CheckedSearch) {
  const { value: text, limit, arches, isSigned } = request;
  const query = { viewer, text, limit };
  const isImagesOnly = arches.length > 0 || isSigned !== undefined;
  const [entity, collection, container, image] = position;
  const find = <Record>(
    searchKind: (before: number | undefined) => Promise<FoundPage<Record>>,
    start: SearchPosition[number],
  ): Promise<FoundPage<Record>> =>
    start === "end" ? Promise.resolve(NOTHING) : searchKind(start === "start" ? undefined : start);
  return Promise.all([
    isImagesOnly
      ? NOTHING
      : find((before) => searchEntities(catalog, { ...query, before }), entity),
    isImagesOnly
      ? NOTHING
      : find((before) => searchCollections(catalog, { ...query, before }), collection),
    isImagesOnly
      ? NOTHING
      : find((before) => searchContainers(catalog, { ...query, before }), container),
    find((before) => searchImages(catalog, { ...query, before, arches, isSigned }), image),
  ]);
}

const NOTHING = { found: [], next: undefined } as const;

function recordsOf<Record>({ found }: FoundPage<Record>): Record[] {
  return found.map(({ record }) => record);
}

interface FoundRecords {
  readonly entities: readonly EntityRecord[];
  readonly collections: readonly CollectionRecord[];
  readonly containers: readonly ContainerRecord[];
  readonly images: readonly ImageRecord[];
}

async function describeAll(
  library: Library,
  viewer: Viewer,
  { entities, collections, containers, images }: FoundRecords,
): Promise<Sent<SearchResults>> {
  return {
    entity: await describeEntities(library, viewer, entities),
    collection: await describeCollections(library, viewer, collections),
    container: await describeContainers(library, containers),
    image: await describeImages(library, images),
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
  if (!isSearchable(value)) {
    throw new Fault(
      "bad-request",
      "the search text has a NUL, a private-use character or half a surrogate pair; send plain text",
    );
  }
  if (arches.length > MAX_SEARCH_ARCHES) {
    throw new Fault(
      "bad-request",
      `the search is for ${arches.length} arches; at most ${MAX_SEARCH_ARCHES} are possible`,
    );
  }
  for (const arch of arches) checkArch(arch);
}
