import { LibraryError } from "../errors/library-error.js";
import { verifiedStream } from "../hashing/verified-stream.js";
import type { Connection } from "../http/connection.js";
import { sendFollowing } from "../http/follow.js";
import { chunksOf, discardBody } from "../http/read-body.js";
import { redactUrl } from "../http/redact.js";
import { replyError } from "../http/reply-error.js";
import { withRetries } from "../http/retry.js";
import type { LibraryReply } from "../http/send.js";
import { isContentRange } from "../transfer/byte-range.js";
import { expiredError, mayHaveExpired } from "../transfer/expired-url.js";
import type { Download } from "./ranged-download.js";

/** A whole image on its way in one reply. */
export interface WholeReply {
  readonly connection: Connection;
  readonly reply: LibraryReply;
  /** Size of the image in bytes. 0: unknown, and then the rest is never requested. */
  readonly sizeBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((error: Error) => void) | undefined;
  /**
   * Asks the library where the image is now, because the URL may have expired. Undefined when it
   * has no such place.
   */
  readonly renew?: (() => Promise<URL | undefined>) | undefined;
}

type Chunks = AsyncGenerator<Uint8Array, void>;

/**
 * Returns the body of a reply with a whole image. Where the connection breaks, the rest is
 * requested; a library without ranges sends everything again, and the bytes received before are
 * skipped.
 */
export function resumingBody(whole: WholeReply): ReadableStream<Uint8Array> {
  const { connection, reply, sizeBytes, signal, onRetry } = whole;
  const context = { ...connection, onRetry };
  let chunks: Chunks = chunksOf(reply.body);
  let position = 0;
  const place = { url: reply.url, isRenewed: false };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await withRetries(context, signal, async ({ number }) => {
          // It broke after the last byte: there is nothing left to request.
          if (number > 1 && position === sizeBytes) return undefined;
          if (number > 1) chunks = await chunksFrom(whole, place, position);
          const { value } = await chunks.next().catch((error: unknown) => {
            throw sizeBytes === 0 && error instanceof LibraryError ? final(error) : error;
          });
          return value ?? undefined;
        });
        if (chunk === undefined) return controller.close();
        position += chunk.byteLength;
        place.isRenewed = false;
        controller.enqueue(chunk);
      },
      cancel: async () => {
        await chunks.return();
      },
    },
    { highWaterMark: 0 },
  );
}

interface Place {
  url: URL;
  /** Renewed since bytes last came from it. */
  isRenewed: boolean;
}

async function chunksFrom(whole: WholeReply, place: Place, position: number): Promise<Chunks> {
  const { connection, reply, sizeBytes, signal } = whole;
  const { url } = place;
  const rest = { offset: position, length: sizeBytes - position };
  const headers = { range: `bytes=${position}-` };
  const again = await sendFollowing(connection, { method: "GET", url, headers, signal });
  if (again.status >= 400) throw await refusal(whole, place, again);
  const range = again.headers.get("content-range") ?? "";
  if (again.status === 200 && isSameObject(reply, again)) return without(position, again);
  const isRest = again.status === 206 && isContentRange(range, rest, sizeBytes);
  if (isRest && isSameObject(reply, again)) return chunksOf(again.body);
  await discardBody(again);
  const message = `GET ${redactUrl(url)}: the connection broke after ${position} bytes, and the rest cannot be requested; try again`;
  const { status } = again;
  throw new LibraryError("protocol", message, { status, method: "GET", url: redactUrl(url) });
}

/**
 * Returns the error for a refusal. If the URL may have expired, renews it and returns a retryable
 * error.
 */
async function refusal(whole: WholeReply, place: Place, reply: LibraryReply): Promise<Error> {
  const error = await replyError(whole.connection, reply);
  if (!mayHaveExpired(error, place.url) || place.isRenewed) return error;
  const url = await whole.renew?.();
  if (url === undefined) return error;
  Object.assign(place, { url, isRenewed: true });
  return expiredError(error);
}

function isSameObject(before: LibraryReply, after: LibraryReply): boolean {
  const [first, second] = [before, after].map(({ headers }) => headers.get("etag"));
  return first === null || second === null || first === second;
}

async function* without(bytes: number, { body }: LibraryReply): Chunks {
  let left = bytes;
  for await (const chunk of chunksOf(body)) {
    const skipped = Math.min(left, chunk.byteLength);
    left -= skipped;
    if (skipped < chunk.byteLength) yield chunk.subarray(skipped);
  }
}

/** Returns the same error, not retryable. */
function final({ code, message, method, url, cause }: LibraryError): LibraryError {
  return new LibraryError(code, message, { method, url, cause, retryable: false });
}

/**
 * Writes the body of a reply to the sink from its start and verifies it. Returns its number of
 * bytes.
 */
export async function receiveWhole(
  { connection, sink, expected, meter, signal }: Omit<Download, "present" | "parts">,
  { reply, renew }: Pick<WholeReply, "reply" | "renew">,
): Promise<number> {
  let position = 0;
  const { sizeBytes } = expected;
  const onRetry = meter.retried;
  const body = resumingBody({ connection, reply, renew, sizeBytes, signal, onRetry });
  const listener = { onBytes: meter.advance };
  for await (const chunk of chunksOf(verifiedStream(body, expected, listener))) {
    await sink.write(position, chunk);
    position += chunk.byteLength;
  }
  return position;
}
