import { lstat, rm, stat } from "node:fs/promises";

import type { Image, LibraryRef } from "@sifshelf/protocol";

import { isLibraryError, LibraryError } from "../errors/library-error.js";
import { imageRefPath } from "../operations/image-ref.js";
import type { LibraryClient } from "../client/library-client.js";
import type { ConcurrentDownloadOptions, DownloadedImage } from "../pull/pull.js";
import { imageHashOfFile } from "./file-source.js";
import { sweepFinished } from "./find-partial.js";
import { LostPartial } from "./partial-file.js";
import { createPartialSink } from "./partial-sink.js";
import { type Publication, publishFile } from "./publish-file.js";
import { fileExists, isThere } from "./file-error.js";

/** How an image is pulled into a file. */
export interface PullToFileOptions extends Omit<ConcurrentDownloadOptions, "tag"> {
  /** Replace an existing file that is not the image. Default: false. */
  readonly force?: boolean | undefined;
}

/** The result of a pull into a file. */
export interface PulledFile extends DownloadedImage {
  readonly path: string;
  /** Whether bytes were fetched; false when the file already was the image. */
  readonly transferred: boolean;
}

/** Which image to pull, and where to. */
export interface PullToFile {
  /** Names the image by tag, default `latest`, or by hash. */
  readonly ref: string | LibraryRef;
  /** The file. Nothing appears there before it is complete, verified and on the disk. */
  readonly path: string;
}

/**
 * Pulls an image into a file. The bytes go to a partial file in the same folder, which gets its
 * final name once it is verified and synced. When the pull fails or its process is killed, the
 * bytes that arrived remain, and the next pull of the same image into the folder continues with
 * them. An existing file that is the image is left alone.
 *
 * @throws LibraryError `file-exists`, `file-not-writable`, `integrity`, and by the library's
 *   status; RefError.
 */
export async function pullToFile(
  client: LibraryClient,
  { ref, path }: PullToFile,
  options: PullToFileOptions = {},
): Promise<PulledFile> {
  const imageRef = imageRefPath(ref);
  for (let tries = 1; ; tries++) {
    try {
      return await pullOnce(client, { path, imageRef }, options);
    } catch (error) {
      // This pull stood still for so long that another one took its partial over.
      if (!(error instanceof LostPartial) || tries === MAX_LOSSES) throw lostError(error, path);
    }
  }
}

/** How often a pull may lose its partial file to others. */
const MAX_LOSSES = 3;

function lostError(error: unknown, path: string): unknown {
  if (!(error instanceof LostPartial)) return error;
  const message = `could not write ${path}: other pulls repeatedly took over its partial file`;
  return new LibraryError("file-not-writable", message, { cause: error });
}

interface Pull {
  readonly path: string;
  readonly imageRef: string;
}

async function pullOnce(
  client: LibraryClient,
  { path, imageRef }: Pull,
  options: PullToFileOptions,
): Promise<PulledFile> {
  const { force = false, ...download } = options;
  if (await isThere(path)) {
    await refuseUnlessFile(path);
    const image = await client.getImage(imageRef, options);
    if (await isImageFile(path, image, options.signal)) {
      await sweepFinished(path);
      return { image, sizeBytes: image.size, repairedBytes: 0, path, transferred: false };
    }
    if (!force) throw fileExists(path);
  }
  const pulled = await pullIntoPartial(client, { path, imageRef, force }, download);
  await sweepFinished(path);
  return pulled;
}

async function pullIntoPartial(
  client: LibraryClient,
  { path, imageRef, force }: Pull & { readonly force: boolean },
  download: ConcurrentDownloadOptions,
): Promise<PulledFile> {
  const { signal } = download;
  const [name = "", tag] = imageRef.split(":");
  const sink = createPartialSink(path, signal);
  try {
    const pulled = await client.concurrentDownloadImage(sink, name, { ...download, tag });
    const from = await sink.finish();
    await publishOrShare({ from, to: path, force }, pulled.image, signal);
    await sink.remove();
    return { ...pulled, path, transferred: true };
  } catch (error) {
    const isLost = signal?.aborted !== true && (await sink.isLost());
    if (isWorthKeeping(error)) await sink.release();
    else await sink.remove();
    // A failure after the loss is a consequence of it.
    if (isLost)
      throw new LostPartial(`another pull took over the partial file of ${path}`, { cause: error });
    throw error;
  }
}

/** Wrong bytes are useless, and so are right ones whose name is taken. */
function isWorthKeeping(error: unknown): boolean {
  return !isLibraryError(error) || (error.code !== "integrity" && error.code !== "file-exists");
}

/**
 * Concurrent pulls of one image all succeed: the slower ones find the name taken by the same bytes.
 */
async function publishOrShare(
  publication: Publication,
  image: Image,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await publishFile(publication);
  } catch (error) {
    const isTaken = isLibraryError(error) && error.code === "file-exists";
    if (!isTaken || !(await isImageFile(publication.to, image, signal))) throw error;
    await rm(publication.from, { force: true });
  }
}

/** A file cannot replace a folder, and must not replace a device like /dev/null. */
async function refuseUnlessFile(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isSymbolicLink()) return;
  const kind = found.isDirectory() ? "a folder" : "not a regular file";
  throw new LibraryError("file-not-writable", `could not write ${path}: it is ${kind}`);
}

async function isImageFile(
  path: string,
  image: Image,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size !== image.size) return false;
  return (await imageHashOfFile(path, { signal })) === image.hash;
}
