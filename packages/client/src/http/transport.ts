/** A body of known length that can be read again from its start, for instance on a fresh connection. */
export interface StreamBody {
  readonly sizeBytes: number;
  /** The bytes from the start, in chunks. */
  open(): ReadableStream<Uint8Array>;
  /** The same bytes as a `Blob`, where the platform has them without reading. */
  readonly blob?: Blob | undefined;
  /** Is told by who sends the blob how many bytes of it have left so far; who reads {@link open} knows. */
  readonly sent?: ((bytes: number) => void) | undefined;
}

/** One HTTP exchange, exactly as it goes out. */
export interface TransportRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | StreamBody | undefined;
  readonly signal: AbortSignal;
}

/** What came back; redirects are answers like others. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Cancel it when it is not read to its end. */
  readonly body: ReadableStream<Uint8Array> | undefined;
  /** Where the answer came from, when the platform followed redirects by itself, as browsers do. */
  readonly url?: URL | undefined;
}

/**
 * Makes one HTTP exchange. Follows no redirect (unless the platform leaves no choice), retries nothing, knows no
 * secrets, sets no deadline. Rejects when the connection fails or `signal` aborts; a failure of the request's body
 * rejects with the body's error, which is a `LibraryError` if it is that of a blob.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;
