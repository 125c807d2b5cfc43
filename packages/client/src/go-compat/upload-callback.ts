import type { ProgressListener } from "../transfer/progress.js";

/** Stands for Go's `io.Reader`, which counts a transfer as it is read. */
export interface CountingReader {
  /** This many bytes were read. */
  read(bytes: number): void;
}

/** An upload callback with the methods of Go's interface of the same name. */
export interface UploadCallback {
  /** The upload starts: its size in bytes, and the reader that Go would read the file from. */
  initUpload(totalBytes: number, reader: CountingReader): void;
  /** Returns the reader to read through; a callback that counts returns its own. */
  getReader(): CountingReader;
  /** The upload failed. */
  terminate(): void;
  /** The upload is complete. */
  finish(): void;
}

/**
 * Returns a progress listener that drives a callback: while bytes are sent, their number goes
 * through the callback's reader. As in Go, `initUpload` is not called when the library already has
 * the image.
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
