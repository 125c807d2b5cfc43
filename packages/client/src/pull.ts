import type { Image } from "@sifshelf/protocol";

import type { ImageOptions } from "./images.js";
import type { ProgressListener } from "./transfer/progress.js";

/** How an image is pulled. */
export interface DownloadImageOptions extends ImageOptions {
  /** Tag or image hash, default `latest`. */
  readonly tag?: string | undefined;
  readonly progress?: ProgressListener | undefined;
}

/** How an image is pulled in parts (Go: `Downloader`). */
export interface ConcurrentDownloadOptions extends DownloadImageOptions {
  /** Parts that are fetched at a time, 1 to 64, default 4. */
  readonly concurrency?: number | undefined;
  /** Bytes of a part; by default chosen by the size of the image, between 8 and 64 MiB. */
  readonly partSizeBytes?: number | undefined;
  /** Accepted for Go's sake and ignored, as Go does. */
  readonly bufferSize?: number | undefined;
}

/** What a pull brought. */
export interface DownloadedImage {
  /** The library's record; its hash is that of the bytes that arrived. */
  readonly image: Image;
  /** Number of bytes that arrived. */
  readonly sizeBytes: number;
}
