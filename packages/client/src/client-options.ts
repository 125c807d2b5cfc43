import type { FetchFunction } from "./http/browser/fetch-transport.js";
import type { Logger } from "./http/logger.js";
import type { RetryPolicy } from "./http/retry.js";

/** The library that is used when no base URL is given, as in the Go client. */
export const DEFAULT_BASE_URL = "https://library.sylabs.io";

/** How long less than 1 KiB may move before a request fails, in milliseconds. Long enough for TCP to recover a lost path. */
export const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * How long a library may take to answer once it has all bytes of an image, in milliseconds: it may have to hash and
 * sync 100 GB before it answers.
 */
export const DEFAULT_COMPLETION_TIMEOUT_MS = 15 * 60_000;

/** How long a connection may take to stand, in milliseconds. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;

/** What a client says it is, unless told otherwise. */
export const DEFAULT_USER_AGENT = "sifshelf-client/0.1.0";

/** How a {@link LibraryClient} is set up (Go: `Config`); every field has a default. */
export interface LibraryClientOptions {
  /** Base URL of the library, `http` or `https`, default {@link DEFAULT_BASE_URL}. A path is kept; user info, query and fragment are refused. */
  readonly baseUrl?: string | URL | undefined;
  /** Sent as bearer token to the base URL's origin and nowhere else. Absent or empty: anonymous. */
  readonly authToken?: string | undefined;
  /** Value of the `User-Agent` header, default {@link DEFAULT_USER_AGENT}. Browsers may ignore it. */
  readonly userAgent?: string | undefined;
  /**
   * Makes the requests. By default `node:http` and `node:https` where the platform has them, because the `fetch` of
   * Node cannot be told to wait longer than 300 seconds; else the platform's `fetch`.
   */
  readonly fetch?: FetchFunction | undefined;
  /** Certificates in PEM that are trusted beside those that Node brings along. Not together with `fetch`, and in Node only. */
  readonly ca?: string | undefined;
  /**
   * The HTTP proxy (`http` or `https`, with user info if it asks for it) to reach a URL through; undefined: none. Default
   * none: the environment is not read. Not together with `fetch`, and in Node only.
   */
  readonly proxy?: ((url: URL) => URL | undefined) | undefined;
  /** Milliseconds for a connection to stand, default {@link DEFAULT_CONNECT_TIMEOUT_MS}. Without effect on `fetch`. */
  readonly connectTimeoutMs?: number | undefined;
  /** Is told about requests and about failures that do not fail a call; default silent. */
  readonly logger?: Logger | undefined;
  /** How often and when to try again what may be repeated, default `DEFAULT_RETRY`; `false`: never. */
  readonly retry?: Partial<RetryPolicy> | false | undefined;
  /** Milliseconds with less than 1 KiB moving before a request fails, default {@link DEFAULT_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds to wait for an answer after the last byte of an image, default {@link DEFAULT_COMPLETION_TIMEOUT_MS}. */
  readonly completionTimeoutMs?: number | undefined;
}

/** A configuration of default values (Go: `DefaultConfig`). */
export const DEFAULT_CONFIG: Readonly<
  Required<
    Pick<
      LibraryClientOptions,
      "baseUrl" | "authToken" | "userAgent" | "timeoutMs" | "completionTimeoutMs"
    >
  >
> = Object.freeze({
  baseUrl: DEFAULT_BASE_URL,
  authToken: "",
  userAgent: DEFAULT_USER_AGENT,
  timeoutMs: DEFAULT_TIMEOUT_MS,
  completionTimeoutMs: DEFAULT_COMPLETION_TIMEOUT_MS,
});
