/**
 * A body of known length that can be read again from its start, for instance on a fresh connection.
 */
export interface StreamBody {
  readonly sizeBytes: number;
  /** Returns the bytes from the start, in chunks. */
  open(): ReadableStream<Uint8Array>;
  /**
   * Fills `target` with the bytes at `position`, if the source can; for transports that know when
   * memory may be reused. The first call starts over at 0, the others follow each other.
   */
  readonly fill?: ((position: number, target: Uint8Array) => Promise<void>) | undefined;
  /** The same bytes as a `Blob`, where the platform has one without reading. */
  readonly blob?: Blob | undefined;
  /**
   * Called by the sender of the blob with the number of bytes sent so far. Readers of {@link open}
   * know it themselves.
   */
  readonly sent?: ((bytes: number) => void) | undefined;
}

/** Receives the blocks of a {@link BlockBody}. */
export interface BlockTaker {
  /**
   * Takes the next bytes. Calls do not overlap. The bytes are overwritten once it resolves; a
   * rejection cancels the body.
   */
  readonly take: (bytes: Uint8Array) => Promise<void>;
  /**
   * Reports whether the other side is being waited for, repeatedly with the number of bytes that
   * arrived.
   */
  readonly waiting: (isWaiting: boolean, arrivedBytes: number) => void;
}

/** The body of a reply, read directly into reused memory. */
export interface BlockBody {
  /**
   * Reads the body to its end, once. When the connection fails, the bytes that arrived are taken
   * before this rejects.
   *
   * Rejects with the error of `take`, and when the connection fails.
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
  /** The reply's body is large and will be drained in blocks where the transport supports it. */
  readonly inBlocks?: boolean | undefined;
}

/** The reply. Redirects are replies like any other. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** Cancel it unless it is read to its end. */
  readonly body: ReadableStream<Uint8Array> | undefined;
  /** The same body in blocks, if requested and available. Drain it instead of reading `body`. */
  readonly blocks?: BlockBody | undefined;
  /** Where the reply came from, when the platform followed redirects itself, as browsers do. */
  readonly url?: URL | undefined;
}

/**
 * Makes one HTTP exchange. Follows no redirects (unless the platform leaves no choice), retries
 * nothing, knows no secrets, sets no deadline. Rejects when the connection fails or `signal`
 * aborts. A failure of the request's body rejects with the body's error, which is a `LibraryError`
 * for blobs.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

/** The headers of a reply, as far as they are used. A platform's `Headers` fit. */
export interface ReplyHeaders extends Iterable<[name: string, value: string]> {
  /** Returns the value for a name in any case, several joined with `, `, or null. */
  get(name: string): string | null;
}

/**
 * Creates headers from names and values in the order of a reply, for Node: its own `Headers` load
 * all of `fetch`, which takes longer than pulling a small image.
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
