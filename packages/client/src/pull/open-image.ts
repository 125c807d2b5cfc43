import type { Image, LibraryRef } from "@sifshelf/protocol";

import { LibraryError } from "../errors/library-error.js";
import { expectedBytes } from "../hashing/expected-bytes.js";
import type { Connection } from "../http/connection.js";
import { imageRefPath } from "../operations/image-ref.js";
import { getImage, type ImageOptions } from "../operations/images.js";
import { rangeHeader } from "../transfer/byte-range.js";
import { createHttpByteSource, type HttpByteSource } from "./http-byte-source.js";
import { findImageFile } from "./image-file.js";

/** An image in a library whose bytes are fetched when they are read. Close it when done. */
export interface OpenedImage extends HttpByteSource {
  /** The library's record. */
  readonly image: Image;
}

/**
 * Opens the image that `ref` names by tag, default `latest`, or by hash, for reading without a
 * pull: reads are fetched as HTTP ranges. It is a byte source for `@sifshelf/sif`. Unlike with a
 * pull, the bytes are not checked against the image's hash.
 *
 * @throws LibraryError `not-found`, and by the library's status; `protocol` when the record has no
 *   hash or size; RefError. Reads also reject with LibraryError `no-ranges`, see {@link
 *   createHttpByteSource}.
 */
export async function openImage(
  connection: Connection,
  ref: string | LibraryRef,
  { arch, signal }: ImageOptions = {},
): Promise<OpenedImage> {
  const image = await getImage(connection, ref, { arch, signal });
  const path = imageRefPath(ref);
  const [names = "", tag = ""] = path.split(":");
  const { sizeBytes } = expectedBytes(image, path, tag);
  if (sizeBytes === 0) {
    const message = `read ${path}: the library's record has no size, so no part of the image can be requested; pull it`;
    throw new LibraryError("protocol", message);
  }
  // By hash first: the tag may move while the image is read.
  const byHash = `${names}:${image.hash}`;
  const refs = byHash === path ? [path] : [byHash, path];
  const source = createHttpByteSource({
    connection,
    ref: path,
    sizeBytes,
    locate: (first, stop) =>
      findImageFile(connection, {
        refs,
        arch,
        headers: { range: rangeHeader(first) },
        signal: stop,
      }),
  });
  return { image, ...source };
}
