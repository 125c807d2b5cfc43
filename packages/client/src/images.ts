import type { RequestOptions } from "./request-options.js";

/** How an image is chosen among those of a ref. */
export interface ImageOptions extends RequestOptions {
  /** Go name of the arch (`amd64`). Without it the library's arch-less tags decide. */
  readonly arch?: string | undefined;
}

/** What a new image record is made of; its bytes are sent by `uploadImage`. */
export interface NewImage {
  /** Image hash of the whole file. */
  readonly hash: string;
  /** Id of the container. */
  readonly container: string;
  /** Default empty. */
  readonly description?: string | undefined;
}
