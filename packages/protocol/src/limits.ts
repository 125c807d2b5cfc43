/**
 * Largest JSON document that either side reads from the other, in bytes. Records are a few KiB;
 * search results are limited.
 */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;

/**
 * Largest JSON request body a library accepts, in bytes: no request carries more than a description
 * and some tags.
 */
export const MAX_REQUEST_JSON_BYTES = 1024 * 1024;

/** Deepest nesting of arrays and objects read from the other side. Models nest three levels. */
export const MAX_JSON_DEPTH = 32;

/** Bytes of an error reply that are read at most. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024;

/**
 * Longest description of an entity, collection, container or image, in UTF-16 code units. A full
 * page of search results, each with the longest descriptions in UTF-8, stays below {@link
 * MAX_JSON_BYTES}.
 */
export const MAX_DESCRIPTION_LENGTH = 2048;

/** Shortest search text. The service's own clients refuse to search for less. */
export const MIN_SEARCH_LENGTH = 3;

/** Longest search text, in UTF-16 code units. */
export const MAX_SEARCH_LENGTH = 256;

/** Maximum number of results of each kind in one page of a search. */
export const MAX_SEARCH_PAGE = 100;

/** Maximum number of tags in one request. */
export const MAX_TAGS_PER_REQUEST = 256;

/** Files larger than this are pushed in parts by every client since library client 0.5 (64 MiB). */
export const MULTIPART_THRESHOLD_BYTES = 64 * 1024 * 1024;

/** Maximum number of parts of one upload; the limit of S3-compatible stores. */
export const MAX_UPLOAD_PARTS = 10_000;
