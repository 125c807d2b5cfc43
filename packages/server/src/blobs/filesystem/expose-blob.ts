import { chmod, stat } from "node:fs/promises";

import type { Digest } from "@sifshelf/protocol";

import type { ExposedBlob } from "../blob-store.js";
import type { BlobPaths } from "./blob-paths.js";

const READ_BY_GROUP = 0o040;
const PASS_BY_GROUP = 0o010;

/**
 * Lets the group of a blob's file read it, and pass through the folders above it as far as they hold nothing but blobs; the data
 * folder itself is its owner's to open. Throws what the system throws, ENOENT if there is no such blob.
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
  return { path: paths.blobUri(digest), size };
}

async function allow(path: string, bits: number): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, (mode & 0o7777) | bits);
}
