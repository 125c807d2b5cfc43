import type { Image, QuotaResponse } from "@sifshelf/protocol";

import type { RequestOptions } from "./request-options.js";
import type { ByteSource } from "./transfer/byte-source.js";
import type { ProgressListener } from "./transfer/progress.js";

/** Bytes to push. */
export type PushSource = ByteSource | Uint8Array | ArrayBuffer | Blob;

/** How an image is pushed. */
export interface UploadImageOptions extends RequestOptions {
  /** Go name of the image's arch (`amd64`); the tags are set for it. */
  readonly arch: string;
  /** Tags to set, default `["latest"]`; an empty list sets none. */
  readonly tags?: readonly string[] | undefined;
  /** Description of the image, default empty. */
  readonly description?: string | undefined;
  /**
   * `true` creates the container private, and refuses to push (`conflict`) when it is there and public. An extension
   * that other libraries may not honour; then nothing is sent either.
   */
  readonly private?: boolean | undefined;
  readonly progress?: ProgressListener | undefined;
}

/** What a push did (Go: `UploadImageComplete`, and more). */
export interface UploadedImage {
  readonly image: Image;
  /** Whether bytes were sent; false when the library had them. */
  readonly uploaded: boolean;
  /** The tags that were set. */
  readonly tags: readonly string[];
  /** Storage used and allowed; only when bytes were sent and the library told. */
  readonly quota?: QuotaResponse;
  /** Path of the container's page on the library's site; only when bytes were sent and the library told. */
  readonly containerUrl?: string;
}
