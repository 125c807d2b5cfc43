import {
  DEFAULT_BASE_URL,
  DEFAULT_COMPLETION_TIMEOUT_MS,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_TIMEOUT_MS,
  DEFAULT_USER_AGENT,
  type LibraryClientOptions,
} from "./client-options.js";
import type { Connection } from "../http/connection.js";
import { fetchTransport } from "../http/browser/fetch-transport.js";
import { nodeTransport, trustedCertificates } from "../http/node/node-transport.js";
import { DEFAULT_RETRY, type RetryPolicy } from "../http/retry.js";
import { runsInBrowser } from "../platform/platform.js";
import { xhrBlobSender } from "../http/browser/send-blob.js";
import type { Transport } from "../http/transport.js";
import { optionError } from "../errors/library-error.js";

/** Longest time that timers support on every platform, in milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_ATTEMPTS = 100;

/**
 * Browsers make six connections to a host unless it speaks HTTP/2. One is left to the rest of the
 * page.
 */
const BROWSER_REQUESTS = 5;

/** Applies the defaults and checks every option. @throws LibraryError `option-not-valid`. */
export function resolveConnection(options: LibraryClientOptions): Connection {
  const token = checkHeader("authToken", options.authToken ?? "", /^[\x21-\x7e]*$/);
  return {
    baseUrl: parseBaseUrl(options.baseUrl ?? DEFAULT_BASE_URL),
    userAgent: checkHeader(
      "userAgent",
      options.userAgent ?? DEFAULT_USER_AGENT,
      /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
    ),
    token: () => token,
    transport: chooseTransport(options),
    logger: options.logger ?? {},
    retry: resolveRetry(options.retry),
    timeoutMs: checkTime("timeoutMs", options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    completionTimeoutMs: checkTime(
      "completionTimeoutMs",
      options.completionTimeoutMs ?? DEFAULT_COMPLETION_TIMEOUT_MS,
    ),
    parallelRequests: runsInBrowser() ? BROWSER_REQUESTS : Infinity,
  };
}

function parseBaseUrl(baseUrl: string | URL): URL {
  const text = String(baseUrl);
  const url = URL.parse?.(text) ?? parseUrl(text);
  // Messages omit the URL, because a rejected one may contain a password.
  if (url === null) throw optionError("baseUrl is not an absolute URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw optionError(`baseUrl has the scheme "${url.protocol}", not "http:" or "https:"`);
  }
  if (url.username !== "" || url.password !== "") {
    throw optionError("baseUrl has user info; pass a token as authToken");
  }
  if (/[?#]/.test(text)) throw optionError("baseUrl has a query or a fragment");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** A value that does not fit in a header is rejected, and not shown. */
function checkHeader(name: string, value: unknown, form: RegExp): string {
  if (typeof value === "string" && form.test(value)) return value;
  throw optionError(
    `${name} must consist of printable ASCII characters${name === "authToken" ? " without spaces" : ""}`,
  );
}

function checkTime(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0 && value <= MAX_TIMEOUT_MS) return value;
  throw optionError(`${name} is not a number of milliseconds between 1 and ${MAX_TIMEOUT_MS}`);
}

function resolveRetry(retry: LibraryClientOptions["retry"]): RetryPolicy {
  if (retry === false) return { ...DEFAULT_RETRY, maxAttempts: 1 };
  const policy = { ...DEFAULT_RETRY, ...retry };
  const { maxAttempts, baseDelayMs, maxDelayMs, maxRetryAfterMs } = policy;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > MAX_ATTEMPTS) {
    throw optionError(`retry.maxAttempts is not a whole number between 1 and ${MAX_ATTEMPTS}`);
  }
  const areTimes = [baseDelayMs, maxDelayMs, maxRetryAfterMs].every(
    (ms) => ms >= 0 && ms <= MAX_TIMEOUT_MS,
  );
  if (!areTimes) throw optionError("retry has a delay that is not a number of milliseconds");
  return policy;
}

function chooseTransport(options: LibraryClientOptions): Transport {
  const { fetch, ca, proxy, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  checkTime("connectTimeoutMs", connectTimeoutMs);
  if (fetch !== undefined) {
    if (ca !== undefined || proxy !== undefined)
      throw optionError("ca and proxy cannot be combined with fetch");
    return fetchTransport(fetch);
  }
  const transport = nodeTransport({ connectTimeoutMs, ca: trustedCertificates(ca), proxy });
  if (transport !== undefined) return transport;
  if (ca !== undefined || proxy !== undefined) throw optionError("ca and proxy require Node");
  return fetchTransport((input, init) => globalThis.fetch(input, init), xhrBlobSender());
}
