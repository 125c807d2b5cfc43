/** The chunks of a stream; it is given up when the loop over them ends early or `signal` aborts, which ends the loop. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array> | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  if (body === undefined) return;
  const reader = body.getReader();
  const giveUp = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    signal?.throwIfAborted();
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener("abort", giveUp);
    giveUp();
  }
}
