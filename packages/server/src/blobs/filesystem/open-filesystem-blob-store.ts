import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Digest, digestOfSha256Hex, isDigest, sha256HexOfDigest } from "@sifshelf/protocol";

import { isId } from "../../ids/ids.js";
import type {
  BlobDeleter,
  BlobReader,
  BlobStore,
  StoredBlob,
  UploadStaging,
} from "../blob-store.js";
import { ATTEMPT_PREFIX, type BlobPaths, blobPaths } from "./blob-paths.js";
import { makeFolder, renameDurably, syncFile, syncFolder } from "./durable.js";
import { openFileBytes } from "./open-file-bytes.js";
import { createStagedHashes } from "./staged-hashes.js";
import { openStagedAttempt, openStagedPart } from "./staged-files.js";
import { exposeBlob } from "./expose-blob.js";
import { createFlusher } from "./flusher.js";
import { createHashLanes } from "./hash-lanes.js";
import { hashParts } from "./hash-parts.js";
import { codeOf, withStagingFaults, withStorageFaults } from "./storage-fault.js";

/**
 * The blob store in a data folder: blobs in `blobs/sha256/<2 hex>/<hex>`, staged bytes in `uploads/<upload id>/`, both of which must
 * be on one file system. Folders are made 0700, files 0600. One process at a time may use a data folder.
 */
export async function openFilesystemBlobStore(dataFolder: string): Promise<BlobStore> {
  const paths = blobPaths(dataFolder);
  await withStorageFaults("prepare its data folder", async () => {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await makeFolder(join(dataFolder, "blobs"));
    await makeFolder(paths.blobs);
    await makeFolder(paths.uploads);
    await deleteAttempts(paths);
  });
  return { ...createReader(paths), ...createDeleter(paths), ...createStaging(paths) };
}

function createReader(paths: BlobPaths): BlobReader {
  return {
    openBlob: (digest) =>
      withStorageFaults("open an image", () => unlessMissing(openFileBytes(paths.blob(digest)))),
    exposeBlob: (digest) =>
      withStorageFaults("let an image be read", () => unlessMissing(exposeBlob(paths, digest))),
    hashParts: (digest, cut, isAbandoned) =>
      withStorageFaults("hash an image", () =>
        unlessMissing(hashParts(paths.blob(digest), cut, isAbandoned)),
      ),
    async *listBlobs(after) {
      const last = after === undefined ? "" : sha256HexOfDigest(after);
      const names = await withStorageFaults("list its images", () => readdir(paths.blobs));
      const folders = names.filter((name) => BLOB_FOLDER.test(name) && name >= last.slice(0, 2));
      for (const folder of folders.toSorted()) {
        yield* listFolder(paths, join(paths.blobs, folder), last);
      }
    },
  };
}

/** Whatever else lies beside them, an operator's notes or a disk's lost+found, is not ours to look into. */
const BLOB_FOLDER = /^[0-9a-f]{2}$/;

async function* listFolder(
  paths: BlobPaths,
  folder: string,
  last: string,
): AsyncIterable<StoredBlob> {
  const names = await withStorageFaults("list its images", () => readdir(folder));
  for (const name of names.toSorted()) {
    // Whatever else lies here is not ours to touch.
    if (name <= last || !isDigest(`sha256:${name}`)) continue;
    const digest = digestOfSha256Hex(name);
    const stats = await withStorageFaults("look at an image", () =>
      unlessMissing(stat(paths.blob(digest))),
    );
    if (stats) yield { digest, sizeBytes: stats.size, modifiedAtMs: stats.mtimeMs };
  }
}

function createDeleter(paths: BlobPaths): BlobDeleter {
  return {
    deleteBlob: (digest) =>
      withStorageFaults("delete an image's bytes", async () => {
        const gone = await unlessMissing(rm(paths.blob(digest)).then(() => true));
        if (gone === undefined) return false;
        await syncFolder(paths.blobFolder(digest));
        return true;
      }),
  };
}

function createStaging(paths: BlobPaths): UploadStaging {
  const lanes = createHashLanes();
  const tools = { lanes, flusher: createFlusher() };
  const hashes = createStagedHashes((uploadId) => paths.staged(uploadId), lanes);
  const discardStaging = (uploadId: string) =>
    withStorageFaults("delete an upload's bytes", () => {
      hashes.forget(uploadId);
      return rm(paths.staging(uploadId), { recursive: true, force: true, maxRetries: 3 });
    });
  return {
    createStaging: (uploadId) =>
      withStorageFaults("make room for an upload", () => makeFolder(paths.staging(uploadId))),
    openAttempt: (uploadId, sums) =>
      withStagingFaults("take an upload's bytes", () => {
        const path = paths.attempt(uploadId, randomUUID());
        return openStagedAttempt({ path, stagedPath: paths.staged(uploadId), sums, ...tools });
      }),
    openPart: (uploadId, offset, sums) =>
      withStagingFaults("take a part", () =>
        openStagedPart({ path: paths.staged(uploadId), offset, sums, ...tools }),
      ),
    openStaged: (uploadId) =>
      withStagingFaults("read an upload", () => openFileBytes(paths.staged(uploadId))),
    hashStaged: (uploadId) => withStagingFaults("check an upload", () => hashes.finish(uploadId)),
    hashAhead: (uploadId, offset, length) => void hashes.arrived(uploadId, offset, length),
    forgetHash: (uploadId) => hashes.forget(uploadId),
    publishStaged: (uploadId, digest) =>
      withStagingFaults("store an image", () => publish(paths, uploadId, digest)),
    wasPublished: (uploadId, digest) =>
      withStorageFaults("look for an image", () => wasPublished(paths, uploadId, digest)),
    discardStaging,
    listStagings: () =>
      withStorageFaults("list uploads", async () =>
        (await readdir(paths.uploads)).filter((name) => isId(name)),
      ),
  };
}

/**
 * What a kill leaves behind, whenever it comes:
 *
 * 1. Before the rename: the staged file. The next attempt to publish starts anew.
 * 2. After the rename: the blob, whole, as its file was synced before. No catalog row refers to it yet; the mark, synced before
 *    the rename too, tells that this upload's bytes are there. If nobody comes back for it, it is an orphan and collected.
 *
 * The mark is what keeps an upload whose staged file went missing some other way from claiming somebody else's blob.
 */
async function publish(paths: BlobPaths, uploadId: string, digest: Digest): Promise<void> {
  if (await wasPublished(paths, uploadId, digest)) {
    await syncFolder(paths.blobFolder(digest));
    return;
  }
  const staged = await stat(paths.staged(uploadId));
  await makeFolder(paths.blobFolder(digest));
  const present = await unlessMissing(stat(paths.blob(digest)));
  // Of another size it cannot be these bytes, whatever befell it: it is replaced.
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

/** No attempt outlives the process that made it. What is no folder of ours is left to whoever put it there, or to the sweep. */
async function deleteAttempts(paths: BlobPaths): Promise<void> {
  for (const entry of await readdir(paths.uploads, { withFileTypes: true })) {
    const uploadId = entry.name;
    if (!isId(uploadId) || !entry.isDirectory()) continue;
    const names = await readdir(paths.staging(uploadId));
    const attempts = names.filter((name) => name.startsWith(ATTEMPT_PREFIX));
    for (const name of attempts) await rm(join(paths.staging(uploadId), name), { recursive: true });
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
