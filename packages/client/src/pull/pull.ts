import { DEFAULT_TAG, type Image, isImageHash } from "@sifshelf/protocol";

import { isLibraryError } from "../errors/library-error.js";
import { type ExpectedBytes, expectedBytes } from "../hashing/expected-bytes.js";
import { verifiedStream } from "../hashing/verified-stream.js";
import type { Connection } from "../http/connection.js";
import { withRetries } from "../http/retry.js";
import { taggedImageRefPath } from "../operations/image-ref.js";
import { getImage, type ImageOptions } from "../operations/images.js";
import { libraryFeatures, type VersionQuery } from "../operations/version.js";
import type { ByteSink } from "../transfer/byte-sink.js";
import {
  createProgressMeter,
  metered,
  type ProgressListener,
  type ProgressMeter,
} from "../transfer/progress.js";
import { findImageFile, type ImageFile, wholeImageFile } from "./image-file.js";
import { checkPartOptions, MIN_PARTED_BYTES, type PartOptions } from "./part-sizes.js";
import { createPartSource, type PartSource } from "./part-source.js";
import { isChangedObject } from "./range-request.js";
import {
  downloadAndRepair,
  type RepairableDownload,
  type RepairedDownload,
} from "./repairing-download.js";
import { receiveWhole, resumingBody } from "./whole-download.js";

/** How an image is pulled. */
export interface DownloadImageOptions extends ImageOptions {
  /** Tag or image hash, default `latest`. */
  readonly tag?: string | undefined;
  readonly progress?: ProgressListener | undefined;
}

/** How an image is pulled in parts (Go: `Downloader`). */
export interface ConcurrentDownloadOptions extends DownloadImageOptions, PartOptions {
  /** Accepted for compatibility with Go and ignored, as in Go. */
  readonly bufferSize?: number | undefined;
}

/** The result of a pull. */
export interface DownloadedImage {
  /** The library's record. Its hash is that of the bytes that arrived. */
  readonly image: Image;
  /** Number of bytes that arrived. */
  readonly sizeBytes: number;
  /** How many of them first arrived damaged and were fetched again. */
  readonly repairedBytes: number;
}

/** The library to pull from. */
export interface PullConnection {
  readonly connection: Connection;
  readonly version: VersionQuery;
}

/**
 * Returns the bytes of the image that `path` and `tag` name, as one stream (Go: `DownloadImage`).
 * It is verified on the way: it fails instead of closing, with `LibraryError` `integrity`, when the
 * bytes are not those of the library's record. Do not trust anything read from it before it has
 * closed.
 *
 * @throws LibraryError `not-found`, and by the library's status; RefError, also when `path` has a
 *   colon.
 */
export async function downloadImage(
  connection: Connection,
  path: string,
  options: DownloadImageOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  const { signal } = options;
  const { expected, file, findUrl } = await locateImage(connection, path, options);
  const reply = await withRetries(connection, signal, () =>
    wholeImageFile(connection, file, { expected, signal }),
  );
  const meter = createProgressMeter(options.progress);
  meter.begin("transfer", expected.sizeBytes);
  const { sizeBytes } = expected;
  const onRetry = meter.retried;
  const renew = findUrl;
  const body = resumingBody({ connection, reply, renew, sizeBytes, signal, onRetry });
  return verifiedStream(body, expected, { onBytes: meter.advance, onEnd: meter.end });
}

/**
 * Writes the image that `path` and `tag` name to a sink, in parallel parts where the library allows
 * it, and verifies it (Go: `ConcurrentDownloadImage`). If this rejects, do not use what was
 * written.
 *
 * @throws LibraryError `integrity` when the bytes are not those of the library's record; as {@link
 *   downloadImage}.
 */
export function concurrentDownloadImage(
  library: PullConnection,
  { sink, path }: { readonly sink: ByteSink; readonly path: string },
  options: ConcurrentDownloadOptions = {},
): Promise<DownloadedImage> {
  return metered(options.progress, async (meter) => {
    const { concurrency, partSizeBytes } = options;
    checkPartOptions({ concurrency, partSizeBytes });
    const connection = { ...library.connection, onRetry: meter.retried };
    const pull = { connection, version: library.version, sink, path, options, meter };
    try {
      return await pullOnce(pull, false);
    } catch (error) {
      if (!mayRestart(library.connection, error)) throw error;
      meter.retried(error);
      return await pullOnce(pull, true);
    }
  });
}

interface Pull extends PullConnection {
  readonly sink: ByteSink;
  readonly path: string;
  readonly options: ConcurrentDownloadOptions;
  readonly meter: ProgressMeter;
}

/**
 * What arrived is a mixture of two images or was damaged on the way: fetch everything again, once.
 */
function mayRestart({ retry }: Connection, error: unknown): error is Error {
  if (retry.maxAttempts === 1) return false;
  return isChangedObject(error) || (isLibraryError(error) && error.code === "integrity");
}

async function pullOnce(pull: Pull, isRestart: boolean): Promise<DownloadedImage> {
  const { connection, sink, path, options, meter } = pull;
  const { signal, concurrency, partSizeBytes } = options;
  const { image, expected, file, findUrl } = await locateImage(connection, path, options);
  const { sizeBytes } = expected;
  const present = (await sink.begin?.(expected, isRestart)) ?? [];
  const presentBytes = present.reduce((sum, { length }) => sum + length, 0);
  meter.begin("transfer", sizeBytes, presentBytes);
  const parts = { concurrency, partSizeBytes };
  const download = { connection, sink, expected, meter, parts, present, signal };
  const url = sizeBytes > 0 ? await urlOfParts(file, sizeBytes) : undefined;
  // Servers behind one name may tag one object differently. The second time, only the hash decides.
  const checkEtag = !isRestart;
  const parted =
    url === undefined
      ? undefined
      : await downloadInParts(
          pull,
          { ...download, imageId: image.id },
          createPartSource({ connection, url, sizeBytes, resolve: findUrl, checkEtag }),
        );
  if (parted !== undefined && parted.whole === undefined) {
    return { image, sizeBytes, repairedBytes: parted.repairedBytes };
  }
  // Everything comes again, whatever an earlier transfer brought.
  if (presentBytes > 0) meter.begin("transfer", sizeBytes);
  const source = parted?.whole === undefined ? file : { reply: parted.whole };
  const reply = await withRetries(connection, signal, () =>
    wholeImageFile(connection, source, { expected, signal }),
  );
  return {
    image,
    sizeBytes: await receiveWhole(download, { reply, renew: findUrl }),
    repairedBytes: 0,
  };
}

function downloadInParts(
  { version, options: { signal } }: Pull,
  download: Omit<RepairableDownload, "hasPartDigests">,
  source: PartSource,
): Promise<RepairedDownload> {
  const hasPartDigests = async () => (await libraryFeatures(version, { signal })).partDigests;
  return downloadAndRepair({ ...download, hasPartDigests }, source);
}

/**
 * Returns where the image may be available in ranges, undefined if the library named no such place.
 */
async function urlOfParts(file: ImageFile, sizeBytes: number): Promise<URL | undefined> {
  if (file.reply === undefined) return file.url;
  const { headers, url, body } = file.reply;
  const hasParts = headers.get("accept-ranges")?.trim().toLowerCase() === "bytes";
  if (!hasParts || sizeBytes < MIN_PARTED_BYTES) return undefined;
  await body?.cancel();
  return url;
}

interface LocatedImage {
  readonly image: Image;
  readonly expected: ExpectedBytes;
  readonly file: ImageFile;
  /**
   * Asks the library again where the bytes are, since URLs expire. Undefined when it sends them
   * itself.
   */
  readonly findUrl: () => Promise<URL | undefined>;
}

async function locateImage(
  connection: Connection,
  path: string,
  { arch, tag = DEFAULT_TAG, signal }: DownloadImageOptions,
): Promise<LocatedImage> {
  const ref = taggedImageRefPath(path, tag);
  const image = await getImage(connection, ref, { arch, signal });
  const expected = expectedBytes(image, ref, tag);
  // By hash first: the tag may move between the record and the bytes.
  const refs = isImageHash(tag) ? [ref] : [taggedImageRefPath(path, image.hash), ref];
  const find = () => findImageFile(connection, { refs, arch, signal });
  const file = await withRetries(connection, signal, find);
  const findUrl = async () => {
    const { url, reply } = await find();
    await reply?.body?.cancel();
    return url;
  };
  return { image, expected, file, findUrl };
}
