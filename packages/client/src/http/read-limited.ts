import { MAX_ERROR_BODY_BYTES } from "@sifshelf/protocol";

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
