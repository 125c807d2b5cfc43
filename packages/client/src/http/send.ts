import {
  isCertificateFault,
  isLibraryError,
  isProxyRefusal,
  LibraryError,
} from "../errors/library-error.js";
import type { Connection } from "./connection.js";
import { isSameOrigin } from "./origin.js";
import { redactCause, redactUrl } from "./redact.js";
import type { BlockBody, ReplyHeaders, StreamBody, TransportResponse } from "./transport.js";
import { untilAborted } from "../platform/abort.js";
import { createWatchdog, type Watchdog } from "./watchdog.js";

/** Receiving fewer bytes than this within the time allowed counts as silence. */
export const MIN_PROGRESS_BYTES = 1024;

/** A request to the library or to its storage. */
export interface LibraryRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | StreamBody | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Time allowed for the reply once everything is sent, in milliseconds. Default: the connection's
   * `timeoutMs`.
   */
  readonly replyTimeoutMs?: number | undefined;
  /**
   * `never` withholds the token even from the library's own origin, because the URL authorises
   * itself.
   */
  readonly authorize?: "same-origin" | "never" | undefined;
  /** The reply's body is large and will be drained in blocks if possible. */
  readonly inBlocks?: boolean | undefined;
}

/** A reply whose body is watched like the request was. */
export interface LibraryReply {
  readonly request: LibraryRequest;
  /** Where the reply came from. */
  readonly url: URL;
  readonly status: number;
  readonly headers: ReplyHeaders;
  /**
   * Fails with {@link LibraryError} `network` or `timeout`. Cancel it unless it is read to its end.
   */
  readonly body: ReadableStream<Uint8Array> | undefined;
  /**
   * The same body in blocks, if requested and available. Drain it instead of reading `body`; it
   * fails likewise.
   */
  readonly blocks?: BlockBody | undefined;
}

/**
 * Makes one exchange without following redirects. The token is sent only to the base URL's origin.
 *
 * @throws LibraryError `network` or `timeout`; the signal's reason; the error of the body's stream.
 */
export async function send(connection: Connection, request: LibraryRequest): Promise<LibraryReply> {
  const watchdog = createWatchdog(request.signal);
  const failure: BodyFailure = {};
  try {
    const response = await exchange(connection, request, { watchdog, failure });
    const { status, headers } = response;
    const url = response.url ?? request.url;
    connection.logger.debug?.("request", {
      method: request.method,
      url: redactUrl(url),
      status,
    });
    const body = watchedReply(connection, request, response, watchdog);
    const blocks = response.blocks && watchedBlocks(connection, request, response.blocks, watchdog);
    return { request, url, status, headers, body, blocks };
  } catch (error) {
    watchdog.close();
    const bodyError = isLibraryError(error) ? error : failure.error;
    throw request.signal?.aborted !== true && bodyError !== undefined
      ? bodyError
      : sendError(connection, request, watchdog, error);
  }
}

interface BodyFailure {
  error?: Error;
}

async function exchange(
  connection: Connection,
  request: LibraryRequest,
  { watchdog, failure }: { watchdog: Watchdog; failure: BodyFailure },
): Promise<TransportResponse> {
  const { method, url, body } = request;
  const { signal } = watchdog;
  signal.throwIfAborted();
  const replyTimeoutMs = request.replyTimeoutMs ?? connection.timeoutMs;
  watchdog.arm(typeof body === "object" ? connection.timeoutMs : replyTimeoutMs);
  const watched =
    typeof body === "object"
      ? watchedBody(body, { watchdog, failure, replyTimeoutMs, timeoutMs: connection.timeoutMs })
      : body;
  const headers = requestHeaders(connection, request);
  const { inBlocks } = request;
  const responding = connection.transport({
    method,
    url,
    headers,
    body: watched,
    signal,
    inBlocks,
  });
  const response = await untilAborted(responding, signal, discard);
  watchdog.disarm();
  return response;
}

function discard(response: TransportResponse): void {
  response.body?.cancel().catch(() => {});
}

function requestHeaders(connection: Connection, request: LibraryRequest): Record<string, string> {
  const { url, body, authorize = "same-origin" } = request;
  const headers: Record<string, string> = {
    // The length of a compressed reply would say nothing about the image's.
    "accept-encoding": "identity",
    "user-agent": connection.userAgent,
    ...request.headers,
  };
  const token = connection.token();
  if (token !== "" && authorize === "same-origin" && isSameOrigin(url, connection.baseUrl)) {
    headers["authorization"] = `Bearer ${token}`;
  }
  if (typeof body === "object") headers["content-length"] = String(body.sizeBytes);
  if (typeof body === "string") {
    headers["content-type"] = "application/json";
    headers["content-length"] = String(new TextEncoder().encode(body).byteLength);
  }
  return headers;
}

interface BodyWatch {
  readonly watchdog: Watchdog;
  readonly failure: BodyFailure;
  readonly timeoutMs: number;
  readonly replyTimeoutMs: number;
}

/**
 * The time runs while the other side takes a chunk, and stops while the source reads the next one.
 */
function watchedBody(body: StreamBody, watch: BodyWatch): StreamBody {
  const { watchdog, failure } = watch;
  const open = () => {
    const reader = body.open().getReader();
    let sentBytes = 0;
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          watchdog.disarm();
          try {
            const { done, value } = await reader.read();
            sentBytes += value?.byteLength ?? 0;
            watchdog.arm(sentBytes < body.sizeBytes ? watch.timeoutMs : watch.replyTimeoutMs);
            if (done) controller.close();
            else controller.enqueue(value);
          } catch (error) {
            failure.error = error instanceof Error ? error : new Error("body", { cause: error });
            throw error;
          }
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  };
  const { fill } = body;
  const fillWatched = async (position: number, target: Uint8Array) => {
    watchdog.disarm();
    await fill?.(position, target).catch((error: unknown) => {
      failure.error = error instanceof Error ? error : new Error("body", { cause: error });
      throw error;
    });
    const sentBytes = position + target.byteLength;
    watchdog.arm(sentBytes < body.sizeBytes ? watch.timeoutMs : watch.replyTimeoutMs);
  };
  const sent = (bytes: number) => {
    watchdog.arm(bytes < body.sizeBytes ? watch.timeoutMs : watch.replyTimeoutMs);
    body.sent?.(bytes);
  };
  return { ...body, open, sent, fill: fill && fillWatched };
}

/**
 * The time runs while a reader waits, and stops while it works. It restarts with every {@link
 * MIN_PROGRESS_BYTES}: an occasional byte is not progress.
 */
function watchedReply(
  connection: Connection,
  request: LibraryRequest,
  { body }: TransportResponse,
  watchdog: Watchdog,
): ReadableStream<Uint8Array> | undefined {
  if (body === undefined) {
    watchdog.close();
    return undefined;
  }
  const reader = body.getReader();
  let waitedMs = 0;
  let movedBytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        watchdog.arm(Math.max(1, connection.timeoutMs - waitedMs));
        const startMs = performance.now();
        try {
          const { done, value } = await untilAborted(reader.read(), watchdog.signal);
          watchdog.disarm();
          if (!done) {
            movedBytes += value.byteLength;
            waitedMs += performance.now() - startMs;
            if (movedBytes >= MIN_PROGRESS_BYTES) waitedMs = movedBytes = 0;
            return controller.enqueue(value);
          }
          watchdog.close();
          controller.close();
        } catch (error) {
          watchdog.close();
          reader.cancel(error).catch(() => {});
          throw sendError(connection, request, watchdog, error);
        }
      },
      async cancel(reason) {
        watchdog.close();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Likewise; the time stops while everything that arrived is being taken. */
function watchedBlocks(
  connection: Connection,
  request: LibraryRequest,
  blocks: BlockBody,
  watchdog: Watchdog,
): BlockBody {
  return {
    async drain(taker) {
      let refused: { readonly error: unknown } | undefined;
      const take = async (bytes: Uint8Array) => {
        await taker.take(bytes).catch((error: unknown) => {
          refused = { error };
          throw error;
        });
      };
      let [waitedMs, movedBytes] = [0, 0];
      let sinceMs: number | undefined;
      const waiting = (isWaiting: boolean, arrivedBytes: number) => {
        watchdog.disarm();
        if (sinceMs !== undefined) waitedMs += performance.now() - sinceMs;
        movedBytes += arrivedBytes;
        if (movedBytes >= MIN_PROGRESS_BYTES) waitedMs = movedBytes = 0;
        sinceMs = isWaiting ? performance.now() : undefined;
        if (isWaiting) watchdog.arm(Math.max(1, connection.timeoutMs - waitedMs));
        taker.waiting(isWaiting, arrivedBytes);
      };
      try {
        await blocks.drain({ take, waiting });
      } catch (error) {
        throw refused === undefined
          ? sendError(connection, request, watchdog, error)
          : refused.error;
      } finally {
        watchdog.close();
      }
    },
  };
}

function sendError(
  connection: Connection,
  request: LibraryRequest,
  watchdog: Watchdog,
  error: unknown,
): unknown {
  if (request.signal?.aborted === true) return request.signal.reason;
  const { method } = request;
  const url = redactUrl(request.url);
  const cause = redactCause(error, connection.token());
  if (watchdog.hasExpired) {
    const message = `${method} ${url}: no progress for too long; check the network, or allow more time with timeoutMs`;
    return new LibraryError("timeout", message, { method, url, cause });
  }
  const reason = cause?.message ?? "the connection failed";
  const details = { method, url, cause };
  const isLasting = isCertificateFault(cause) || isProxyRefusal(cause);
  return new LibraryError("network", `${method} ${url}: ${reason}`, {
    ...details,
    ...(isLasting ? { retryable: false } : {}),
  });
}
