import { MAX_ERROR_BODY_BYTES } from "@sifshelf/protocol";

import { onAbort } from "../abort.js";
import type { LibraryReply } from "./send.js";

/** At most `maxBytes` of a body as text, and whether that was all; gives the rest up. */
export async function readLimited(
  body: ReadableStream<Uint8Array> | undefined,
  maxBytes: number,
): Promise<{ text: string; isWhole: boolean }> {
  if (body === undefined) return { text: "", isWhole: true };
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let totalBytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), isWhole: true };
    const room = maxBytes - totalBytes;
    text += decoder.decode(value.subarray(0, room), { stream: true });
    totalBytes += value.byteLength;
    if (totalBytes > maxBytes) {
      await reader.cancel();
      return { text, isWhole: false };
    }
  }
}

/** Reads a short rest of an answer so that its connection can be used again, and gives a long one up. Never rejects. */
export async function discardBody({ body }: Pick<LibraryReply, "body">): Promise<void> {
  await readLimited(body, MAX_ERROR_BODY_BYTES).catch(() => {});
}

/** The chunks of a stream; it is given up when the loop over them ends early or `signal` aborts, which ends the loop. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array> | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  if (body === undefined) return;
  const reader = body.getReader();
  const giveUp = () => void reader.cancel(signal?.reason).catch(() => {});
  const stopListening = onAbort(signal, giveUp);
  try {
    signal?.throwIfAborted();
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    signal?.throwIfAborted();
  } finally {
    stopListening();
    giveUp();
  }
}
