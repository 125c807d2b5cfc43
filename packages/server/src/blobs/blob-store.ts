import type { Digest } from "@sifshelf/protocol";

import type { OpenBytes } from "./open-bytes.js";
import type { SignedUrls } from "./signed-urls.js";
import type { DirectDownload, FrontServerFiles } from "./store-capabilities.js";
import type { UploadTarget } from "./upload-target.js";

/** Consecutive ranges of equal length between two offsets of a blob; the last may be shorter. */
export interface RangesToHash {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset behind the last byte. */
  readonly end: number;
  readonly rangeBytes: number;
}

/** Reads published blobs. */
export interface BlobReader {
  /** Opens a blob; undefined if it does not exist. The caller closes it. */
  openBlob(digest: Digest): Promise<OpenBytes | undefined>;
  /**
   * SHA-256 of each range in lower-case hex; undefined if the blob does not exist. Stops early, and
   * returns fewer, once `isAbandoned` returns true. Does not block the event loop.
   */
  hashRanges(
    digest: Digest,
    ranges: RangesToHash,
    isAbandoned: () => boolean,
  ): Promise<readonly string[] | undefined>;
}

/** Deletes published blobs. */
export interface BlobDeleter {
  /** Deletes a blob durably; open readers are not affected. Returns false if it did not exist. */
  deleteBlob(digest: Digest): Promise<boolean>;
}

/** A published blob in a listing. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAtMs: number;
}

/** Lists published blobs. */
export interface BlobLister {
  /** All published blobs in the order of their digests; only those after `after` if it is given. */
  listBlobs(after?: Digest): AsyncIterable<StoredBlob>;
}

/**
 * Keeps the bytes of images, addressed by digest. Failures are Faults: `storage-full` when there is
 * no room, `upload-closed` when an upload's bytes are gone, otherwise `internal` with the cause.
 *
 * The optional properties are capabilities; not every store has them.
 */
export interface BlobStore extends BlobReader, BlobDeleter, BlobLister {
  /** Where bytes arrive before they are published. */
  readonly uploads: UploadTarget;
  /** URLs for transfers through this server, checked by its own transfer routes. */
  readonly signedUrls?: SignedUrls;
  /** URLs for downloads that bypass this server. */
  readonly directDownload?: DirectDownload;
  /** Files that a front server can send in our place. */
  readonly frontServer?: FrontServerFiles;
}
