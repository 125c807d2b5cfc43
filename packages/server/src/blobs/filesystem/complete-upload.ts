import { stat, writeFile } from "node:fs/promises";

import { type Digest, sha256HexOfDigest } from "@sifshelf/protocol";

import { Fault } from "../../faults/fault.js";
import type { StoredPart } from "../part-ledger.js";
import type { CompletedUpload, UploadRef, UploadToComplete } from "../upload-target.js";
import type { BlobPaths } from "./blob-paths.js";
import { makeFolder, renameDurably, syncFile, syncFolder } from "./durable.js";
import { unlessMissing } from "./error-code.js";
import { openFileBytes } from "./open-file-bytes.js";
import type { Staging } from "./staging.js";
import { withStagingFaults, withStorageFaults } from "./storage-fault.js";

/** Opens the staged file as a whole. Holds the upload's turn until the result is closed. */
export async function completeUpload(
  staging: Staging,
  upload: UploadRef,
  { digest, accept }: UploadToComplete,
): Promise<CompletedUpload> {
  const { paths } = staging;
  const release = await staging.turns.take(upload.id);
  try {
    const parts = await staging.parts.list(upload.id);
    accept(parts);
    if (parts.length !== upload.totalParts) {
      throw new Fault("conflict", "parts of the upload are missing; send them and try again");
    }
    const isPublished = await withStorageFaults("look for an image", () =>
      wasPublished(paths, upload.id, digest),
    );
    const path = isPublished ? paths.blob(digest) : paths.staged(upload.id);
    const { size } = await withStagingFaults("read an upload", () => stat(path));
    return {
      sizeBytes: size,
      sha256: async () =>
        isPublished ? sha256HexOfDigest(digest) : hashStaged(staging, upload, parts),
      open: () => withStagingFaults("read an upload", () => openFileBytes(path)),
      publish: () => withStagingFaults("store an image", () => publish(paths, upload.id, digest)),
      close: async () => release(),
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** A single upload was hashed as it arrived, and its part is noted by its SHA-256. */
async function hashStaged(
  { hashes }: Staging,
  { id, kind }: UploadRef,
  [whole]: readonly StoredPart[],
): Promise<string> {
  if (kind === "single" && whole !== undefined) return whole.etag;
  return withStagingFaults("check an upload", () => hashes.finish(id));
}

/**
 * What a kill leaves behind, depending on when it comes:
 *
 * 1. Before the rename: the staged file. The next attempt to publish starts anew.
 * 2. After the rename: the blob, complete, as its file was synced before. No catalog row refers to
 *    it yet; the mark, synced before the rename too, tells that this upload's bytes are there. If
 *    nobody comes back for it, it is an orphan and collected.
 *
 * The mark keeps an upload whose staged file was lost in another way from claiming a blob that came
 * from another upload.
 */
async function publish(paths: BlobPaths, uploadId: string, digest: Digest): Promise<void> {
  if (await wasPublished(paths, uploadId, digest)) {
    await syncFolder(paths.blobFolder(digest));
    return;
  }
  const staged = await stat(paths.staged(uploadId));
  await makeFolder(paths.blobFolder(digest));
  const present = await unlessMissing(stat(paths.blob(digest)));
  // A blob of another size is damaged, and replaced.
  if (present?.size === staged.size) {
    await syncFolder(paths.blobFolder(digest));
    return;
  }
  await syncFile(paths.staged(uploadId));
  await writeFile(paths.published(uploadId, digest), "", { mode: 0o600 });
  await syncFolder(paths.staging(uploadId));
  await renameDurably(paths.staged(uploadId), paths.blob(digest));
}

async function wasPublished(paths: BlobPaths, uploadId: string, digest: Digest): Promise<boolean> {
  const mark = await unlessMissing(stat(paths.published(uploadId, digest)));
  return mark !== undefined && (await unlessMissing(stat(paths.blob(digest)))) !== undefined;
}
