import { chmod, stat } from "node:fs/promises";

import type { Digest } from "@sifshelf/protocol";

import type { ExposedBlob } from "../store-capabilities.js";
import type { BlobPaths } from "./blob-paths.js";

const READ_BY_GROUP = 0o040;
const PASS_BY_GROUP = 0o010;

/**
 * Lets the group of a blob's file read it, and pass through the folders above it that hold nothing
 * but blobs; the data folder itself is for its owner to open. Throws the system's error, ENOENT if
 * there is no such blob.
 */
export async function exposeBlob(paths: BlobPaths, digest: Digest): Promise<ExposedBlob> {
  const path = paths.blob(digest);
  const { size, mode } = await stat(path);
  // The file comes last, so that its mode tells that the folders are done.
  if ((mode & READ_BY_GROUP) === 0) {
    for (const folder of [paths.exposed, paths.blobs, paths.blobFolder(digest)]) {
      await allow(folder, PASS_BY_GROUP);
    }
    await allow(path, READ_BY_GROUP);
  }
  return { path: paths.blobUri(digest), sizeBytes: size };
}

async function allow(path: string, bits: number): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, (mode & 0o7777) | bits);
}
