import { LibraryError } from "../errors.js";

/**
 * All bytes of a blob.
 *
 * @throws LibraryError `source-changed` when they cannot be had: a browser refuses to read a file that is not the one any
 *   more that the user chose.
 */
export async function readBlob(blob: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    const message =
      "the file was changed or removed, or may not be read any more; choose it again, and leave it alone until it is pushed";
    throw new LibraryError("source-changed", message, { cause });
  }
}
