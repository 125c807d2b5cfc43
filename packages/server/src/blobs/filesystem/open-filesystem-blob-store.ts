import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { digestOfSha256Hex, isDigest, sha256HexOfDigest } from "@sifshelf/protocol";

import { isId } from "../../ids/ids.js";
import type { BlobDeleter, BlobLister, BlobReader, BlobStore, StoredBlob } from "../blob-store.js";
import type { PartLedger } from "../part-ledger.js";
import type { SignedUrls } from "../signed-urls.js";
import { ATTEMPT_PREFIX, type BlobPaths, blobPaths } from "./blob-paths.js";
import { makeFolder, syncFolder } from "./durable.js";
import { unlessMissing } from "./error-code.js";
import { exposeBlob } from "./expose-blob.js";
import { hashRanges } from "./hash-ranges.js";
import { openFileBytes } from "./open-file-bytes.js";
import { createStaging } from "./staging.js";
import { withStorageFaults } from "./storage-fault.js";
import { createUploadTarget } from "./upload-target.js";

/** What a blob store in a folder is built on. */
export interface FilesystemBlobStoreDeps {
  /** Signs the URLs to which clients send parts; they lead to this server. */
  readonly signedUrls: SignedUrls;
  /** Remembers which parts have arrived. */
  readonly parts: PartLedger;
}

/** A blob store in a folder, with the capabilities that one has. */
export type FilesystemBlobStore = BlobStore &
  Required<Pick<BlobStore, "signedUrls" | "frontServer">>;

/**
 * Opens the blob store in a data folder: blobs in `blobs/sha256/<2 hex>/<hex>`, staged bytes in
 * `uploads/<upload id>/`, both on one file system. Folders are created 0700, files 0600. Only one
 * process at a time may use a data folder.
 *
 * @throws Fault `internal` or `storage-full` if the folders cannot be prepared.
 */
export async function openFilesystemBlobStore(
  dataFolder: string,
  { signedUrls, parts }: FilesystemBlobStoreDeps,
): Promise<FilesystemBlobStore> {
  const paths = blobPaths(dataFolder);
  await withStorageFaults("prepare its data folder", async () => {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await makeFolder(paths.exposed);
    await makeFolder(paths.blobs);
    await makeFolder(paths.uploads);
    await deleteAttempts(paths);
  });
  return {
    ...createReader(paths),
    ...createDeleter(paths),
    ...createLister(paths),
    uploads: createUploadTarget(createStaging(paths, parts), signedUrls),
    signedUrls,
    frontServer: {
      exposeBlob: (digest) =>
        withStorageFaults("let an image be read", () => unlessMissing(exposeBlob(paths, digest))),
    },
  };
}

function createReader(paths: BlobPaths): BlobReader {
  return {
    openBlob: (digest) =>
      withStorageFaults("open an image", () => unlessMissing(openFileBytes(paths.blob(digest)))),
    hashRanges: (digest, ranges, isAbandoned) =>
      withStorageFaults("hash an image", () =>
        unlessMissing(hashRanges(paths.blob(digest), ranges, isAbandoned)),
      ),
  };
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

function createLister(paths: BlobPaths): BlobLister {
  return {
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

/** Other names, such as an operator's notes or a disk's lost+found, are left alone. */
const BLOB_FOLDER = /^[0-9a-f]{2}$/;

async function* listFolder(
  paths: BlobPaths,
  folder: string,
  last: string,
): AsyncIterable<StoredBlob> {
  const names = await withStorageFaults("list its images", () => readdir(folder));
  for (const name of names.toSorted()) {
    if (name <= last || !isDigest(`sha256:${name}`)) continue;
    const digest = digestOfSha256Hex(name);
    const stats = await withStorageFaults("look at an image", () =>
      unlessMissing(stat(paths.blob(digest))),
    );
    if (stats) yield { digest, sizeBytes: stats.size, modifiedAtMs: stats.mtimeMs };
  }
}

/** No attempt outlives its process. Entries that are not our folders are left alone. */
async function deleteAttempts(paths: BlobPaths): Promise<void> {
  for (const entry of await readdir(paths.uploads, { withFileTypes: true })) {
    const uploadId = entry.name;
    if (!isId(uploadId) || !entry.isDirectory()) continue;
    const names = await readdir(paths.staging(uploadId));
    const attempts = names.filter((name) => name.startsWith(ATTEMPT_PREFIX));
    for (const name of attempts) await rm(join(paths.staging(uploadId), name), { recursive: true });
  }
}
