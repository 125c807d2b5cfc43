import { optionError } from "../errors/library-error.js";
import type { Connection } from "../http/connection.js";
import { sendFollowing } from "../http/follow.js";
import { withRetries } from "../http/retry.js";
import type { LibraryReply } from "../http/send.js";
import { rangeHeader, type ByteRange } from "../transfer/byte-range.js";
import type { ByteSource } from "../transfer/byte-source.js";
import { mayHaveExpired } from "../transfer/expired-url.js";
import type { ImageFile } from "./image-file.js";
import { createImageFront, type ImageFront } from "./image-front.js";
import { receivePart } from "./part-receiver.js";
import { requireRange } from "./range-request.js";
import { createReadAhead } from "./read-ahead.js";

/** A {@link ByteSource} over HTTP. Close it when done, so that no connection stays open. */
export interface HttpByteSource extends ByteSource {
  /** Cancels a reply that is still open. Later reads may fail. Never rejects. */
  close(): Promise<void>;
}

/** Where the bytes of an {@link HttpByteSource} come from. */
export interface HttpByteSourceOptions {
  readonly connection: Connection;
  /** Names the image in errors. */
  readonly ref: string;
  readonly sizeBytes: number;
  /**
   * Finds the bytes and requests the range `first`. Called once, and again when the URL it found
   * has expired.
   */
  readonly locate: (first: ByteRange, signal?: AbortSignal) => Promise<ImageFile>;
}

/**
 * Creates a source of bytes in a library that are fetched when they are read, as HTTP ranges. Small
 * neighbouring reads cost one request, and sequential reads fetch more and more at a time. Each
 * reply is checked for its position, its length and the size of the whole; the hash of the whole
 * cannot be checked. Of images that come only as a whole, the front can be read; reads beyond it
 * reject with `no-ranges`.
 */
export function createHttpByteSource(options: HttpByteSourceOptions): HttpByteSource {
  const { ref, sizeBytes } = options;
  const fetcher = createFetcher(options);
  const readAhead = createReadAhead(sizeBytes);
  return {
    size: sizeBytes,
    async read(offset, length, { signal } = {}) {
      signal?.throwIfAborted();
      if (!isInside({ offset, length }, sizeBytes)) {
        throw optionError(
          `read ${ref}: ${length} bytes at offset ${offset} exceed the size of ${sizeBytes} bytes`,
        );
      }
      if (length === 0) return new Uint8Array();
      const held = readAhead.find(offset, length);
      if (held !== undefined) return held;
      const bytes = await fetcher.fetch(readAhead.plan(offset, length), length, signal);
      readAhead.hold(offset, bytes);
      return bytes.subarray(0, length);
    },
    close: () => fetcher.close(),
  };
}

function isInside({ offset, length }: ByteRange, sizeBytes: number): boolean {
  const areNumbers = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  return areNumbers && offset >= 0 && length >= 0 && offset <= sizeBytes - length;
}

interface Fetcher {
  /** Returns the bytes of `part`, or at least the first `needed` of them. */
  fetch(part: ByteRange, needed: number, signal?: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

function createFetcher({ connection, ref, sizeBytes, locate }: HttpByteSourceOptions): Fetcher {
  let url: URL | undefined;
  let front: ImageFront | undefined;

  const ask = async (part: ByteRange, signal?: AbortSignal): Promise<LibraryReply> => {
    const file = url === undefined ? await locate(part, signal) : { url };
    url = file.url ?? file.reply.request.url;
    const headers = { range: rangeHeader(part) };
    const reply =
      file.reply ?? (await sendFollowing(connection, { method: "GET", url, headers, signal }));
    await requireRange(connection, reply, { part, sizeBytes });
    return reply;
  };

  const askAgainIfExpired = async (part: ByteRange, signal?: AbortSignal) => {
    const asked = url;
    try {
      return await ask(part, signal);
    } catch (error) {
      if (asked === undefined || !mayHaveExpired(error, asked)) throw error;
      url = undefined;
      return ask(part, signal);
    }
  };

  return {
    fetch: (part, needed, signal) =>
      withRetries(connection, signal, async () => {
        if (front !== undefined) return front.read(part.offset, needed, signal);
        const reply = await askAgainIfExpired(part, signal);
        if (reply.status === 206) return receiveBytes(reply, part, signal);
        front = createImageFront(reply, ref);
        return front.read(part.offset, needed, signal);
      }),
    close: async () => front?.close(),
  };
}

async function receiveBytes(
  reply: LibraryReply,
  part: ByteRange,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(part.length);
  const sink = {
    write: async (offset: number, chunk: Uint8Array) => bytes.set(chunk, offset - part.offset),
  };
  await receivePart(reply, { sink, part, onWritten: () => {} }, signal);
  return bytes;
}
