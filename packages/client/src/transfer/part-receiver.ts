import { LibraryError } from "../errors.js";
import { redactUrl } from "../http/redact.js";
import type { LibraryReply } from "../http/send.js";
import type { ByteSink } from "./byte-sink.js";
import { chunksOf } from "./chunks-of.js";
import type { SourceRange } from "./source-stream.js";

/** Bytes written at a time: small writes cost three quarters of a disk's speed. */
const WRITE_BYTES = 1024 * 1024;

/** Where the bytes of an answer go. */
export interface PartTarget {
  readonly sink: ByteSink;
  readonly part: SourceRange;
  /** Is given each piece once it is written; the piece is reused afterwards. */
  readonly onWritten: (offset: number, bytes: Uint8Array) => void;
}

/**
 * Writes the body of an answer to its stretch of the sink.
 *
 * @throws LibraryError `protocol` when the body has more or fewer bytes than the stretch.
 */
export async function receivePart(
  reply: LibraryReply,
  { sink, part, onWritten }: PartTarget,
  signal?: AbortSignal,
): Promise<void> {
  const buffer = new Uint8Array(Math.min(WRITE_BYTES, part.length));
  let filled = 0;
  let position = part.offset;
  const flush = async () => {
    const bytes = buffer.subarray(0, filled);
    await sink.write(position, bytes);
    onWritten(position, bytes);
    position += filled;
    filled = 0;
  };
  for await (const chunk of chunksOf(reply.body, signal)) {
    let rest = chunk;
    if (position + filled + rest.byteLength > part.offset + part.length) {
      throw partLengthError(reply, part);
    }
    while (rest.byteLength > 0) {
      const taken = rest.subarray(0, buffer.byteLength - filled);
      buffer.set(taken, filled);
      filled += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
      if (filled === buffer.byteLength) await flush();
    }
  }
  if (filled > 0) await flush();
  if (position !== part.offset + part.length) throw partLengthError(reply, part);
}

function partLengthError({ request, url, status }: LibraryReply, part: SourceRange): LibraryError {
  const shownUrl = redactUrl(url);
  return new LibraryError(
    "protocol",
    `${request.method} ${shownUrl}: the reply has not the ${part.length} bytes from ${part.offset} that were asked for`,
    { status, method: request.method, url: shownUrl },
  );
}
