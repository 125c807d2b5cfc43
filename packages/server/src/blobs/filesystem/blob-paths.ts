import { join } from "node:path";

import { type Digest, isDigest, sha256HexOfDigest } from "@sifshelf/protocol";

import { isId } from "../../ids/ids.js";

/**
 * Paths in a data folder. Every name is a checked id, digest or random number; no text of a client
 * gets in. The functions throw RangeError for anything else.
 */
export interface BlobPaths {
  /** The folder that a front server may read. */
  readonly exposed: string;
  /** The folder of published blobs, inside {@link exposed}. */
  readonly blobs: string;
  /** The folder of staged uploads. */
  readonly uploads: string;
  /** `blobs/sha256/<first two hex digits>`. */
  blobFolder(digest: Digest): string;
  /** `blobs/sha256/<first two hex digits>/<hex>`. */
  blob(digest: Digest): string;
  /** The same relative to {@link exposed}, with forward slashes. */
  blobUri(digest: Digest): string;
  /** `uploads/<upload id>`. */
  staging(uploadId: string): string;
  /** `uploads/<upload id>/whole`. */
  staged(uploadId: string): string;
  /** `uploads/<upload id>/published-<hex>`, an empty file. */
  published(uploadId: string, digest: Digest): string;
  /** `uploads/<upload id>/attempt-<number>`. */
  attempt(uploadId: string, number: string): string;
}

/** Prefix of the names of attempts. */
export const ATTEMPT_PREFIX = "attempt-";

const RANDOM_NAME = /^[0-9a-f-]+$/;

/** Returns the paths inside `dataFolder`. */
export function blobPaths(dataFolder: string): BlobPaths {
  const exposed = join(dataFolder, "blobs");
  const blobs = join(exposed, "sha256");
  const uploads = join(dataFolder, "uploads");
  const blobFolder = (digest: Digest) => join(blobs, hexOf(digest).slice(0, 2));
  const staging = (uploadId: string) => join(uploads, checkedId(uploadId));
  return {
    exposed,
    blobs,
    uploads,
    blobFolder,
    blob: (digest) => join(blobFolder(digest), hexOf(digest)),
    blobUri: (digest) => `sha256/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}`,
    staging,
    staged: (uploadId) => join(staging(uploadId), "whole"),
    published: (uploadId, digest) => join(staging(uploadId), `published-${hexOf(digest)}`),
    attempt: (uploadId, number) =>
      join(staging(uploadId), `${ATTEMPT_PREFIX}${checkedName(number)}`),
  };
}

function hexOf(digest: Digest): string {
  if (isDigest(digest)) return sha256HexOfDigest(digest);
  throw new RangeError("a blob can only be found by a digest");
}

function checkedId(uploadId: string): string {
  if (isId(uploadId)) return uploadId;
  throw new RangeError("an upload's files can only be found by its id");
}

function checkedName(name: string): string {
  if (RANDOM_NAME.test(name)) return name;
  throw new RangeError("an attempt's file can only be found by its number");
}
