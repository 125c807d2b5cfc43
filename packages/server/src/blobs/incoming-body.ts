import type { ByteSink, Sums } from "./byte-sink.js";

/**
 * Bytes that a client is sending, not read yet. Here, and not in transfers/, because the domain and
 * the stores receive it without knowing HTTP.
 */
export interface IncomingBody {
  /** Number of bytes the sender announced; null if it did not say. */
  readonly announcedBytes: number | null;
  /**
   * Reads the whole body into `sink`, as fast as the sink accepts it, and returns the sink's sums.
   * No write is in progress once this returns or throws.
   *
   * @throws Fault `length-required`, `unsupported-encoding` or `size-mismatch` before a byte is
   *   read; `size-mismatch` when the body ends early; `request-timeout` when it stops making
   *   progress; and whatever the sink or `onProgress` throws.
   */
  receiveInto(sink: ByteSink, options: ReceiveOptions): Promise<Sums>;
  /** Shortens the time the sender may be silent, because another sender waits for its turn. */
  hurry(): void;
}

/** How to receive a body. */
export interface ReceiveOptions {
  /** The exact number of bytes that must arrive. */
  readonly sizeBytes: number;
  /** Called from time to time while bytes arrive. An error it throws ends the transfer. */
  readonly onProgress?: (() => Promise<void>) | undefined;
}
