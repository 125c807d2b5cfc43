import {
  type Collection,
  type Container,
  decode,
  type Entity,
  type Image,
  MAX_SEARCH_LENGTH,
  MAX_SEARCH_PAGE,
  MIN_SEARCH_LENGTH,
  type SearchResponse,
  SearchResponseSchema,
} from "@sifshelf/protocol";

import { LibraryError, optionError } from "../errors/library-error.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import { checkArch } from "./image-ref.js";

/** What to search for. */
export interface SearchQuery {
  /** Part of a name, at least 3 characters. */
  readonly value: string;
  /** One arch, several, or a comma-separated list. Limits the search to images. */
  readonly arch?: string | readonly string[] | undefined;
  /** Only signed or only unsigned images. Limits the search to images. */
  readonly signed?: boolean | undefined;
}

/** A search whose results come in pages. */
export interface SearchPagesQuery extends SearchQuery {
  /** Most results of each kind in a page, 1 to 100, default 100. */
  readonly pageSize?: number | undefined;
}

/** The results of a search, by kind. */
export interface SearchResults {
  readonly entities: readonly Entity[];
  readonly collections: readonly Collection[];
  readonly containers: readonly Container[];
  readonly images: readonly Image[];
}

/**
 * Returns what the library finds in one request (Go: `Search`). Libraries limit the number of
 * results.
 *
 * @throws LibraryError `option-not-valid`, before any request, when the query is not valid.
 */
export async function search(
  connection: Connection,
  query: SearchQuery,
  { signal }: RequestOptions = {},
): Promise<SearchResults> {
  return resultsOf(await requestPage(connection, searchParams(query), signal));
}

/**
 * Returns everything that the library finds, page by page. A library without this extension returns
 * one page.
 *
 * @throws LibraryError as {@link search}, and `protocol` when the pages form a circle.
 */
export async function* searchPages(
  connection: Connection,
  { pageSize = MAX_SEARCH_PAGE, ...query }: SearchPagesQuery,
  { signal }: RequestOptions = {},
): AsyncGenerator<SearchResults, void, undefined> {
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_SEARCH_PAGE) {
    throw optionError(`pageSize is not a whole number between 1 and ${MAX_SEARCH_PAGE}`);
  }
  const params = { ...searchParams(query), limit: String(pageSize) };
  const seen = new Set<string>();
  for (let after: string | undefined; ;) {
    const page = await requestPage(connection, { ...params, after }, signal);
    yield resultsOf(page);
    after = page.page?.next ?? "";
    if (after === "") return;
    if (seen.has(after)) {
      throw new LibraryError("protocol", "search: the library returned the same next page twice");
    }
    seen.add(after);
  }
}

function searchParams({ value, arch, signed }: SearchQuery): Record<string, string | undefined> {
  if (typeof value !== "string" || value.length < MIN_SEARCH_LENGTH) {
    throw optionError(`the search value has fewer than ${MIN_SEARCH_LENGTH} characters`);
  }
  if (value.length > MAX_SEARCH_LENGTH) {
    throw optionError(`the search value has more than ${MAX_SEARCH_LENGTH} characters`);
  }
  const arches = typeof arch === "string" ? arch.split(",") : arch;
  for (const each of arches ?? []) checkArch(each);
  return {
    value,
    arch: arches?.join(","),
    signed: signed === undefined ? undefined : String(signed),
  };
}

function requestPage(
  connection: Connection,
  query: Record<string, string | undefined>,
  signal: AbortSignal | undefined,
): Promise<SearchResponse> {
  return requestJson(connection, { route: "search", params: {}, query, signal }, (json) =>
    decode(SearchResponseSchema, json, "search results"),
  );
}

function resultsOf({ data }: SearchResponse): SearchResults {
  return {
    entities: data.entity,
    collections: data.collection,
    containers: data.container,
    images: data.image,
  };
}
