import type { Digest } from "@sifshelf/protocol";

import type { TransferGrant } from "./transfer-grant.js";

/** A blob that is about to be downloaded. */
export interface BlobToDownload {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** File name to suggest to the receiver. */
  readonly fileName: string;
}

/** Capability of stores that clients can download from directly. */
export interface DirectDownload {
  /**
   * Grants one client the download of a blob. The caller has checked that the client may read it.
   */
  grantDownload(blob: BlobToDownload): Promise<TransferGrant>;
}

/** The file of a published blob, for a front server. */
export interface ExposedBlob {
  /** Path below the store's exposed folder, with forward slashes: `sha256/ab/ab…`. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** Capability of stores whose blobs are local files that a front server can send. */
export interface FrontServerFiles {
  /** Makes a blob's file readable for its group; undefined if there is no such blob. */
  exposeBlob(digest: Digest): Promise<ExposedBlob | undefined>;
}
