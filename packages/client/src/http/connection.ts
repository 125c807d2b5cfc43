import type { Logger } from "./logger.js";
import type { RetryPolicy } from "./retry.js";
import type { Transport } from "./transport.js";

/** Everything a request needs to know about its library. */
export interface Connection {
  /** Ends with a slash, so that the paths of requests resolve below it. */
  readonly baseUrl: URL;
  readonly userAgent: string;
  /** Empty: anonymous. A function, so that nothing that prints a connection prints the token. */
  readonly token: () => string;
  readonly transport: Transport;
  readonly logger: Logger;
  readonly retry: RetryPolicy;
  /** Called with each error that is followed by a retry. */
  readonly onRetry?: ((error: Error) => void) | undefined;
  readonly timeoutMs: number;
  readonly completionTimeoutMs: number;
  /** Most requests that the platform makes to one host at a time. More would wait, and time out. */
  readonly parallelRequests: number;
}

/** Returns the same connection for requests that belong to something that is retried as a whole. */
export function withoutRetries(connection: Connection): Connection {
  return { ...connection, retry: { ...connection.retry, maxAttempts: 1 } };
}

/** Options of every call. */
export interface RequestOptions {
  /** Aborts the call, which then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}
