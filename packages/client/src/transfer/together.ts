/**
 * Both results; the first failure aborts the other through the signal that both are given, and is thrown once both have
 * ended. An abort from outside rejects with its reason.
 */
export async function together<A, B>(
  signal: AbortSignal | undefined,
  begin: (stop: AbortSignal) => readonly [Promise<A>, Promise<B>],
): Promise<[A, B]> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const follow = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", follow, { once: true });
  const [first, second] = begin(stop.signal);
  for (const each of [first, second]) each.catch((error: unknown) => stop.abort(error));
  try {
    await Promise.allSettled([first, second]);
    stop.signal.throwIfAborted();
    return await Promise.all([first, second]);
  } finally {
    signal?.removeEventListener("abort", follow);
  }
}
