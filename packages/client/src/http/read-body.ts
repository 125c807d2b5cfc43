import { MAX_ERROR_BODY_BYTES } from "@sifshelf/protocol";

import { onAbort } from "../platform/abort.js";
import type { LibraryReply } from "./send.js";

/**
 * Returns at most `maxBytes` of a body as text, and whether that was everything. Cancels the rest.
 */
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

/**
 * Reads a short rest of a reply so that its connection can be reused, and cancels a long one. Never
 * rejects.
 */
export async function discardBody({ body }: Pick<LibraryReply, "body">): Promise<void> {
  await readLimited(body, MAX_ERROR_BODY_BYTES).catch(() => {});
}

/**
 * Iterates over the chunks of a stream. The stream is cancelled when the loop ends early or
 * `signal` aborts, which ends the loop.
 */
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
