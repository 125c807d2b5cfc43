import type { Logger } from "./logger.js";
import type { RetryPolicy } from "./retry.js";
import type { Transport } from "./transport.js";

/** Everything a request needs to know about the library it goes to. */
export interface Connection {
  /** Ends in a slash, so that the paths of requests resolve below it. */
  readonly baseUrl: URL;
  readonly userAgent: string;
  /** Empty: anonymous. Held by a function so that nothing that prints a connection prints the token. */
  readonly token: () => string;
  readonly transport: Transport;
  readonly logger: Logger;
  readonly retry: RetryPolicy;
  /** Is told of each fault after which a request is made again. */
  readonly onRetry?: ((error: Error) => void) | undefined;
  readonly timeoutMs: number;
  readonly completionTimeoutMs: number;
  /** Most requests that the platform makes to one host at a time; others would wait, and their time run out. */
  readonly parallelRequests: number;
}

/** The same connection for requests that are part of something that is tried again as a whole. */
export function withoutRetries(connection: Connection): Connection {
  return { ...connection, retry: { ...connection.retry, maxAttempts: 1 } };
}

/** What every call takes. */
export interface RequestOptions {
  /** Aborts the call, which then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}
