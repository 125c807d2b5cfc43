import type { LibraryReply } from "../http/send.js";
import { chunksOf } from "./chunks-of.js";
import type { Download } from "./ranged-download.js";
import { resumingBody } from "./resuming-body.js";
import { verifiedStream } from "./verified-stream.js";

/** Writes the body of an answer to the sink from its start and verifies it; how many bytes it had. */
export async function receiveWhole(
  { connection, sink, expected, meter, signal }: Omit<Download, "present" | "parts">,
  reply: LibraryReply,
): Promise<number> {
  let position = 0;
  const { sizeBytes } = expected;
  const body = resumingBody({ connection, reply, sizeBytes, signal, onRetry: meter.retried });
  const listener = { onBytes: meter.advance };
  for await (const chunk of chunksOf(verifiedStream(body, expected, listener))) {
    await sink.write(position, chunk);
    position += chunk.byteLength;
  }
  return position;
}
