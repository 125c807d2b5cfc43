/** The headers of an answer, as far as they are asked for. A platform's `Headers` are such. */
export interface ReplyHeaders extends Iterable<[name: string, value: string]> {
  /** The value under a name in any case, several joined by `, `; null if there is none. */
  get(name: string): string | null;
}

/**
 * Headers from names and values in the order of an answer, for Node: its own `Headers` bring the whole of `fetch` along,
 * which takes longer to load than a small image to pull.
 */
export function replyHeaders(
  lines: Iterable<readonly [name: string, value: string]>,
): ReplyHeaders {
  const values = new Map<string, string>();
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    const before = values.get(key);
    const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, "");
    values.set(key, before === undefined ? trimmed : `${before}, ${trimmed}`);
  }
  return {
    get: (name) => values.get(name.toLowerCase()) ?? null,
    [Symbol.iterator]: () => values.entries(),
  };
}
