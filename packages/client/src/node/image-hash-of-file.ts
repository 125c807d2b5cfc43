import type { ImageHash } from "@sifshelf/protocol";

import { imageHash, type ImageHashOptions } from "../image-hash.js";
import { openFileSource } from "./file-source.js";

/**
 * The image hash of a file, `sha256.<hex>` (Go: `ImageHash`).
 *
 * @throws LibraryError `file-not-readable`, `source-changed`.
 */
export async function imageHashOfFile(
  path: string,
  options: ImageHashOptions = {},
): Promise<ImageHash> {
  const source = await openFileSource(path);
  try {
    return await imageHash(source, options);
  } finally {
    await source.close();
  }
}
