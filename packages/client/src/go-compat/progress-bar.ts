import type { ProgressListener } from "../transfer/progress.js";
import type { CountingReader } from "./upload-callback.js";

/** A progress bar with the methods of Go's interface of the same name. */
export interface ProgressBar {
  /** The bar starts; its limit in bytes. */
  init(totalBytes: number): void;
  /**
   * Go passes its single stream through here. Transfers of this package report only through {@link
   * incrBy}.
   */
  proxyReader(reader: CountingReader): CountingReader;
  /** This many more bytes were moved. */
  incrBy(bytes: number): void;
  /** The transfer failed; `drop` asks to remove the bar. */
  abort(drop: boolean): void;
  /** The transfer is over. */
  wait(): void;
}

/** A progress bar that shows nothing. */
export class NoopProgressBar implements ProgressBar {
  init(): void {}
  proxyReader(reader: CountingReader): CountingReader {
    return reader;
  }
  incrBy(): void {}
  abort(): void {}
  wait(): void {}
}

/**
 * Returns a progress listener that drives a bar with the bytes transferred. Hashing and verifying
 * do not show.
 */
export function fromProgressBar(bar: ProgressBar): ProgressListener {
  let shownBytes: number | undefined;
  return ({ phase, bytesDone, bytesTotal, ended }) => {
    if (phase === "transfer") {
      if (shownBytes === undefined) bar.init(bytesTotal);
      if (bytesDone > (shownBytes ?? 0)) bar.incrBy(bytesDone - (shownBytes ?? 0));
      shownBytes = bytesDone;
    }
    if (ended === undefined) return;
    if (ended === "failed") bar.abort(true);
    bar.wait();
  };
}
