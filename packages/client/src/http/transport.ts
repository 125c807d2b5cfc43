/** A body of known length that can be read again from its start, for instance on a fresh connection. */
export interface StreamBody {
  readonly sizeBytes: number;
  /** The bytes from the start, in chunks. */
  open(): ReadableStream<Uint8Array>;
  /**
   * Fills `target` with the bytes from `position` on, where the source can; for transports that know when memory may be
   * used again. The first call begins anew at 0, the others follow each other.
   */
  readonly fill?: ((position: number, target: Uint8Array) => Promise<void>) | undefined;
  /** The same bytes as a `Blob`, where the platform has them without reading. */
  readonly blob?: Blob | undefined;
  /** Is told by who sends the blob how many bytes of it have left so far; who reads {@link open} knows. */
  readonly sent?: ((bytes: number) => void) | undefined;
}

/** What takes the blocks of a {@link BlockBody}. */
export interface BlockTaker {
  /** Takes the next bytes, one call after the other. They are overwritten once it resolves; when it rejects, the body is given up. */
  readonly take: (bytes: Uint8Array) => Promise<void>;
  /** Whether the other side is waited for from now on; told again whenever something arrives, and how many bytes. */
  readonly waiting: (isWaiting: boolean, arrivedBytes: number) => void;
}

/** The body of an answer, read straight into memory that is used again and again. */
export interface BlockBody {
  /**
   * Reads the body to its end, once. When the connection fails, what came before is taken before this rejects.
   *
   * Rejects with what `take` rejects with, and when the connection fails.
   */
  readonly drain: (taker: BlockTaker) => Promise<void>;
}

/** One HTTP exchange, exactly as it goes out. */
export interface TransportRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | StreamBody | undefined;
  readonly signal: AbortSignal;
  /** The answer's body is large and will be drained in blocks where the transport has them. */
  readonly inBlocks?: boolean | undefined;
}

/** What came back; redirects are answers like others. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** Cancel it when it is not read to its end. */
  readonly body: ReadableStream<Uint8Array> | undefined;
  /** The same body in blocks, if that was asked for and can be had. Drain it instead of reading `body`. */
  readonly blocks?: BlockBody | undefined;
  /** Where the answer came from, when the platform followed redirects by itself, as browsers do. */
  readonly url?: URL | undefined;
}

/**
 * Makes one HTTP exchange. Follows no redirect (unless the platform leaves no choice), retries nothing, knows no
 * secrets, sets no deadline. Rejects when the connection fails or `signal` aborts; a failure of the request's body
 * rejects with the body's error, which is a `LibraryError` if it is that of a blob.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

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
