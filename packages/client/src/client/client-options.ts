import type { FetchFunction } from "../http/browser/fetch-transport.js";
import type { Logger } from "../http/logger.js";
import type { RetryPolicy } from "../http/retry.js";

/** The library used when no base URL is given, as in the Go client. */
export const DEFAULT_BASE_URL = "https://library.sylabs.io";

/**
 * How long a request may move less than 1 KiB before it fails, in milliseconds. Long enough for TCP
 * to recover a lost path.
 */
export const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Time allowed for the library's reply once it has all bytes of an image, in milliseconds: it may
 * have to hash and sync 100 GB first.
 */
export const DEFAULT_COMPLETION_TIMEOUT_MS = 15 * 60_000;

/** Time allowed to connect, in milliseconds. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;

/** Default value of the `User-Agent` header. */
export const DEFAULT_USER_AGENT = "sifshelf-client/0.1.0";

/** Options of a {@link LibraryClient} (Go: `Config`). Every field is optional. */
export interface LibraryClientOptions {
  /**
   * Base URL of the library, `http` or `https`, default {@link DEFAULT_BASE_URL}. A path is kept;
   * user info, a query or a fragment is rejected.
   */
  readonly baseUrl?: string | URL | undefined;
  /** Bearer token, sent to the base URL's origin and nowhere else. Absent or empty: anonymous. */
  readonly authToken?: string | undefined;
  /**
   * Value of the `User-Agent` header, default {@link DEFAULT_USER_AGENT}. Browsers may ignore it.
   */
  readonly userAgent?: string | undefined;
  /**
   * Makes the requests. Default: `node:http` and `node:https` where the platform has them, because
   * Node's `fetch` gives up after 300 silent seconds whatever the options say; elsewhere the
   * platform's `fetch`.
   */
  readonly fetch?: FetchFunction | undefined;
  /**
   * PEM certificates to trust in addition to Node's own. Only in Node, and not together with
   * `fetch`.
   */
  readonly ca?: string | undefined;
  /**
   * Returns the HTTP proxy for a URL (`http` or `https`, with user info if the proxy requires it),
   * or undefined for a direct connection. Default: always direct; the environment is not read. Only
   * in Node, and not together with `fetch`.
   */
  readonly proxy?: ((url: URL) => URL | undefined) | undefined;
  /**
   * Time allowed to connect, in milliseconds, default {@link DEFAULT_CONNECT_TIMEOUT_MS}. No effect
   * on `fetch`.
   */
  readonly connectTimeoutMs?: number | undefined;
  /** Receives requests, and failures that do not fail a call. Default: silent. */
  readonly logger?: Logger | undefined;
  /**
   * How often and when to retry what may be repeated, default `DEFAULT_RETRY`; `false` never
   * retries.
   */
  readonly retry?: Partial<RetryPolicy> | false | undefined;
  /**
   * How long a request may move less than 1 KiB before it fails, in milliseconds, default {@link
   * DEFAULT_TIMEOUT_MS}.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Time allowed for the reply after the last byte of an image, in milliseconds, default {@link
   * DEFAULT_COMPLETION_TIMEOUT_MS}.
   */
  readonly completionTimeoutMs?: number | undefined;
}

/** The default values as a configuration (Go: `DefaultConfig`). */
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
