import type { LibraryReply } from "../http/send.js";
import type { ByteSink } from "./byte-sink.js";
import { chunksOf } from "./chunks-of.js";
import { emptyStream } from "./empty-stream.js";
import type { ExpectedBytes } from "./expected-bytes.js";
import type { ProgressMeter } from "./progress-meter.js";
import { verifiedStream } from "./verified-stream.js";

/** Where a whole image goes. */
export interface WholeTarget {
  readonly sink: ByteSink;
  readonly expected: ExpectedBytes;
  readonly meter: ProgressMeter;
}

/** Writes the body of an answer to the sink from its start and verifies it; how many bytes it had. */
export async function receiveWhole(
  { sink, expected, meter }: WholeTarget,
  { body }: LibraryReply,
): Promise<number> {
  let position = 0;
  const listener = { onBytes: meter.advance };
  const verified = verifiedStream(body ?? emptyStream(), expected, listener);
  for await (const chunk of chunksOf(verified)) {
    await sink.write(position, chunk);
    position += chunk.byteLength;
  }
  return position;
}
