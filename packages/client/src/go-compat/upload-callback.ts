import type { ProgressListener } from "../transfer/progress.js";

/** Stands for Go's `io.Reader` where a transfer is counted by reading through it. */
export interface CountingReader {
  /** So many bytes were read. */
  read(bytes: number): void;
}

/** An upload's callback with the methods of Go's interface of this name. */
export interface UploadCallback {
  /** The upload starts: its size in bytes, and the reader that Go would read the file from. */
  initUpload(totalBytes: number, reader: CountingReader): void;
  /** The reader to read through; a callback that counts returns its own. */
  getReader(): CountingReader;
  /** The upload failed. */
  terminate(): void;
  /** The upload is complete. */
  finish(): void;
}

/**
 * A progress listener that drives a callback: while bytes are sent, their number goes through the reader that it
 * returns. When the library has the image already, `initUpload` is not called, as in Go.
 */
export function fromUploadCallback(callback: UploadCallback): ProgressListener {
  let sentBytes: number | undefined;
  return ({ phase, bytesDone, bytesTotal, ended }) => {
    if (phase === "transfer") {
      if (sentBytes === undefined) callback.initUpload(bytesTotal, { read: () => {} });
      if (bytesDone > (sentBytes ?? 0)) callback.getReader().read(bytesDone - (sentBytes ?? 0));
      sentBytes = bytesDone;
    }
    if (ended === undefined || sentBytes === undefined) return;
    if (ended === "failed") callback.terminate();
    else callback.finish();
  };
}
