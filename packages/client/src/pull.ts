import { DEFAULT_TAG, type Image, isImageHash } from "@sifshelf/protocol";

import type { Connection } from "./http/connection.js";
import { taggedImageRefPath } from "./image-ref.js";
import { getImage, type ImageOptions } from "./images.js";
import type { ByteSink } from "./transfer/byte-sink.js";
import { emptyStream } from "./transfer/empty-stream.js";
import { type ExpectedBytes, expectedBytes } from "./transfer/expected-bytes.js";
import { findImageFile, type ImageFile, wholeImageFile } from "./transfer/image-file.js";
import { receiveWhole } from "./transfer/receive-whole.js";
import { checkPartOptions, type PartOptions } from "./transfer/part-sizes.js";
import { createProgressMeter, metered } from "./transfer/progress-meter.js";
import type { ProgressListener } from "./transfer/progress.js";
import { downloadRanges } from "./transfer/ranged-download.js";
import { verifiedStream } from "./transfer/verified-stream.js";

/** How an image is pulled. */
export interface DownloadImageOptions extends ImageOptions {
  /** Tag or image hash, default `latest`. */
  readonly tag?: string | undefined;
  readonly progress?: ProgressListener | undefined;
}

/** How an image is pulled in parts (Go: `Downloader`). */
export interface ConcurrentDownloadOptions extends DownloadImageOptions, PartOptions {
  /** Accepted for Go's sake and ignored, as Go does. */
  readonly bufferSize?: number | undefined;
}

/** What a pull brought. */
export interface DownloadedImage {
  /** The library's record; its hash is that of the bytes that arrived. */
  readonly image: Image;
  /** Number of bytes that arrived. */
  readonly sizeBytes: number;
}

/**
 * The bytes of the image that `path` and `tag` name, as one stream (Go: `DownloadImage`). It is verified on the way:
 * it fails instead of closing, with `LibraryError` `integrity`, when the bytes are not those of the library's record.
 * So nothing that was read from it may be trusted before it has closed.
 *
 * @throws LibraryError `not-found`, and by the library's status; RefError, also when `path` has a colon.
 */
export async function downloadImage(
  connection: Connection,
  path: string,
  options: DownloadImageOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  const { signal } = options;
  const { expected, file } = await locateImage(connection, path, options);
  const reply = await wholeImageFile(connection, file, { expected, signal });
  const meter = createProgressMeter(options.progress);
  meter.begin("transfer", expected.sizeBytes);
  const listener = { onBytes: meter.advance, onEnd: meter.end };
  return verifiedStream(reply.body ?? emptyStream(), expected, listener);
}

/**
 * Writes the image that `path` and `tag` name to a sink, in parts side by side where the library allows it, and
 * verifies it (Go: `ConcurrentDownloadImage`). What was written must not be used if this rejects.
 *
 * @throws LibraryError `integrity` when the bytes are not those of the library's record; as {@link downloadImage}.
 */
export function concurrentDownloadImage(
  connection: Connection,
  { sink, path }: { readonly sink: ByteSink; readonly path: string },
  options: ConcurrentDownloadOptions = {},
): Promise<DownloadedImage> {
  return metered(options.progress, async (meter) => {
    const { signal, concurrency, partSizeBytes } = options;
    const parts = { concurrency, partSizeBytes };
    checkPartOptions(parts);
    const { image, expected, file } = await locateImage(connection, path, options);
    meter.begin("transfer", expected.sizeBytes);
    const download = { connection, sink, expected, meter, parts, signal };
    const canHaveParts = file.url !== undefined && expected.sizeBytes > 0;
    const whole = canHaveParts ? await downloadRanges(download, file.url) : undefined;
    if (canHaveParts && whole === undefined) return { image, sizeBytes: expected.sizeBytes };
    const source = whole === undefined ? file : { reply: whole };
    const reply = await wholeImageFile(connection, source, { expected, signal });
    return { image, sizeBytes: await receiveWhole(download, reply) };
  });
}

interface LocatedImage {
  readonly image: Image;
  readonly expected: ExpectedBytes;
  readonly file: ImageFile;
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
  return { image, expected, file: await findImageFile(connection, { refs, arch, signal }) };
}
