import { chunksOf } from "./chunks-of.js";
import type { Download } from "./ranged-download.js";
import { resumingBody, type WholeAnswer } from "./resuming-body.js";
import { verifiedStream } from "./verified-stream.js";

/** Writes the body of an answer to the sink from its start and verifies it; how many bytes it had. */
export async function receiveWhole(
  { connection, sink, expected, meter, signal }: Omit<Download, "present" | "parts">,
  { reply, renew }: Pick<WholeAnswer, "reply" | "renew">,
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
