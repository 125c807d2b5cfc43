import { LibraryError } from "../errors/library-error.js";
import type { ByteSource } from "../transfer/byte-source.js";
import { hasherAtOnce, inTurn, MAX_AT_ONCE_BYTES } from "./hash-at-once.js";
import { createSha256 } from "./sha256.js";
import type { ByteRange } from "../transfer/byte-range.js";

/**
 * Bytes read and hashed at a time. Measured as fast as larger ones; blocks the event loop for half
 * a millisecond.
 */
const CHUNK_BYTES = 1024 * 1024;

/** Shorter ranges are hashed on this thread: another one would take longer to start. */
const MIN_ELSEWHERE_BYTES = 8 * 1024 * 1024;

/**
 * Returns the SHA-256 of a range of a source, read once, as lower-case hex. `onHashed` receives the
 * number of bytes hashed so far.
 */
export async function hashRange(
  source: ByteSource,
  { offset, length }: ByteRange,
  signal?: AbortSignal,
  onHashed?: (bytes: number) => void,
): Promise<string> {
  if (source.sha256 !== undefined && length >= MIN_ELSEWHERE_BYTES) {
    return source.sha256(offset, length, { signal, onHashed });
  }
  const isShortBlob = source.slice !== undefined && length > 0 && length <= MAX_AT_ONCE_BYTES;
  const hashAtOnce = isShortBlob ? hasherAtOnce() : undefined;
  if (hashAtOnce === undefined) return hashByReading(source, { offset, length }, signal, onHashed);
  return inTurn(async () => {
    signal?.throwIfAborted();
    const bytes = await source.read(offset, length, { signal });
    checkRead(bytes, length);
    const digest = await hashAtOnce(bytes);
    signal?.throwIfAborted();
    onHashed?.(length);
    return digest;
  });
}

/** Like {@link hashRange}, but always hashes on the calling thread. */
export async function hashByReading(
  source: ByteSource,
  { offset, length }: ByteRange,
  signal?: AbortSignal,
  onHashed?: (bytes: number) => void,
): Promise<string> {
  const hash = createSha256();
  const read = (done: number) =>
    source.read(offset + done, Math.min(CHUNK_BYTES, length - done), { signal });
  let doneBytes = 0;
  let next = length > 0 ? read(0) : undefined;
  while (next !== undefined) {
    const bytes = await next;
    signal?.throwIfAborted();
    checkRead(bytes, Math.min(CHUNK_BYTES, length - doneBytes));
    doneBytes += bytes.byteLength;
    // Read the next chunk while this one is hashed.
    next = doneBytes < length ? read(doneBytes) : undefined;
    next?.catch(() => {});
    hash.update(bytes);
    onHashed?.(doneBytes);
  }
  return hash.digestHex();
}

function checkRead(bytes: Uint8Array, expected: number): void {
  if (bytes.byteLength === expected) return;
  throw new LibraryError(
    "source-changed",
    `the source returned ${bytes.byteLength} bytes instead of ${expected}; it must not change while it is read`,
  );
}
