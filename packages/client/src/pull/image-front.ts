import { untilAborted } from "../platform/abort.js";
import { LibraryError } from "../errors/library-error.js";
import { protocolError } from "../http/request-json.js";
import type { LibraryReply } from "../http/send.js";

/**
 * How far an image that comes as a whole is read, in bytes: its documents are there, its signatures
 * often not.
 */
export const MAX_FRONT_BYTES = 16 * 1024 * 1024;

/** The front of an image that a library sends as a whole. */
export interface ImageFront {
  /**
   * Returns the bytes of a range. Reads on as far as needed and keeps what came before.
   *
   * @throws LibraryError `no-ranges` beyond {@link MAX_FRONT_BYTES}, `protocol` when the reply ends
   *   early.
   */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Cancels the rest of the reply. Never rejects. */
  close(): Promise<void>;
}

/** Reads the front of the image in `reply`; `ref` names it in errors. */
export function createImageFront(reply: LibraryReply, ref: string): ImageFront {
  const reader = reply.body?.getReader();
  let buffer = new Uint8Array(64 * 1024);
  let filled = 0;

  const readNext = async (signal?: AbortSignal): Promise<void> => {
    const next = reader?.read() ?? Promise.resolve({ done: true, value: undefined } as const);
    const { done, value } = await (signal === undefined ? next : untilAborted(next, signal));
    if (done) throw protocolError(reply, `it ends after ${filled} bytes`);
    if (filled + value.byteLength > buffer.byteLength) {
      const grown = new Uint8Array(2 * (filled + value.byteLength));
      grown.set(buffer.subarray(0, filled));
      buffer = grown;
    }
    buffer.set(value, filled);
    filled += value.byteLength;
  };

  return {
    async read(offset, length, signal) {
      const end = offset + length;
      if (end > MAX_FRONT_BYTES) throw noRangesError(ref);
      for (;;) {
        if (filled >= end) return buffer.slice(offset, end);
        await readNext(signal);
      }
    },
    async close() {
      await reader?.cancel().catch(() => {});
    },
  };
}

function noRangesError(ref: string): LibraryError {
  return new LibraryError(
    "no-ranges",
    `read ${ref}: the library sends this image only as a whole, and the requested range is not near its start; pull the image and read the file`,
  );
}
