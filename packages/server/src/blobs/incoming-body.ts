import type { ByteSink, Sums } from "./blob-store.js";

/** Bytes on their way in, not read yet. */
export interface IncomingBody {
  /** How many bytes the sender says will come; null if it does not say. */
  readonly announcedBytes: number | null;
  /**
   * Reads all of the body into `sink`, as fast as that takes it, and answers the sums that it has of that. When it answers or throws,
   * no write is under way any more.
   *
   * @throws Fault `length-required`, `unsupported-encoding` or `size-mismatch` before a byte is read; `size-mismatch` when
   *   the body ends early, `request-timeout` when it stops making progress; and what the sink or `onProgress` throws.
   */
  receiveInto(sink: ByteSink, options: ReceiveOptions): Promise<Sums>;
  /** Makes it give up soon if no bytes come, because another waits for its place. */
  hurry(): void;
}

/** What to receive. */
export interface ReceiveOptions {
  /** How many bytes must come, not one more or less. */
  readonly sizeBytes: number;
  /** Called now and then while bytes come; what it throws ends the transfer. */
  readonly onProgress?: () => Promise<void>;
}
