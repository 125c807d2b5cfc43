import type { ByteSink } from "../../blobs/blob-store.js";

/** Bytes on their way in, not read yet. */
export interface IncomingBody {
  /** How many bytes the sender says will come; null if it does not say. */
  readonly announcedBytes: number | null;
  /**
   * Reads all of the body into `sink`, as fast as that takes it, and hashes it meanwhile. When it answers or throws, no write is
   * under way any more.
   *
   * @throws LibraryFault `length-required`, `unsupported-encoding` or `size-mismatch` before a byte is read; `size-mismatch` when
   *   the body ends early, `request-timeout` when it stops making progress; and what the sink or `onProgress` throws.
   */
  receiveInto(sink: ByteSink, options: ReceiveOptions): Promise<ReceivedBytes>;
  /** Makes it give up soon if no bytes come, because another waits for its place. */
  hurry(): void;
}

/** What to receive. */
export interface ReceiveOptions {
  /** How many bytes must come, not one more or less. */
  readonly sizeBytes: number;
  /** Whether to compute the MD5 too; default false. */
  readonly withMd5?: boolean;
  /** Called now and then while bytes come; what it throws ends the transfer. */
  readonly onProgress?: () => Promise<void>;
}

/** Hashes of what was received, lower-case hex. */
export interface ReceivedBytes {
  readonly sha256: string;
  /** Null unless asked for. */
  readonly md5: string | null;
}
