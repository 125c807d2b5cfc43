import type { OpenBytes } from "../blobs/open-bytes.js";
import type { ByteRange } from "./byte-range.js";
import { fillBuffer } from "./fill-buffer.js";
import type { FilledBuffer, SocketWriter } from "./socket-writer.js";

/**
 * Sends a range through our memory. The next buffer is filled while the last one is handed to the
 * system, which copies it.
 */
export async function copyRange(
  writer: SocketWriter,
  blob: OpenBytes,
  range: ByteRange,
): Promise<void> {
  const end = range.start + range.length;
  let offset = range.start;
  const fillNext = () => {
    const next = fillBuffer(writer, blob, { start: offset, length: end - offset });
    // An error reaches the one who awaits it; until then it is not unhandled.
    next.catch(() => {});
    return next;
  };
  let ahead: Promise<FilledBuffer | undefined> | undefined = fillNext();
  try {
    while (ahead !== undefined) {
      const filled: FilledBuffer | undefined = await ahead;
      if (filled === undefined || writer.end !== undefined) return;
      offset += filled.length;
      ahead = offset < end ? fillNext() : undefined;
      writer.send(filled);
    }
    await writer.drained();
  } finally {
    // The caller closes the blob, which must not be read any more.
    await ahead?.catch(() => {});
  }
}
