import type { RefErrorCode } from "./ref-error.js";

/**
 * A text, and the host, path and tags of the ref that it is; or the code of the error that refuses
 * it.
 */
export type RefCase = readonly [
  raw: string,
  expected: RefErrorCode | readonly [host: string, path: string, ...tags: string[]],
];
