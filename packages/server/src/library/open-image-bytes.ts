import type { Digest } from "@sifshelf/protocol";

import type { ExposedBlob, OpenBytes } from "../blobs/blob-store.js";
import { Fault } from "../faults/fault.js";
import type { Library } from "./library.js";

/** What an image's bytes are known by. */
interface ImageBytes {
  readonly blobDigest: Digest;
  readonly sizeBytes: number;
}

/**
 * Opens the stored bytes of an uploaded image; whoever opens closes.
 *
 * @throws Fault `internal` when they are missing or of another size than when they were stored.
 */
export async function openImageBytes(
  { blobs }: Pick<Library, "blobs">,
  image: ImageBytes,
): Promise<OpenBytes> {
  const bytes = await blobs.openBlob(image.blobDigest);
  if (bytes?.size === image.sizeBytes) return bytes;
  await bytes?.close();
  throw notThere(image, bytes === undefined);
}

/**
 * Makes the stored bytes of an uploaded image readable for a front server, and tells where it finds them.
 *
 * @throws Fault like {@link openImageBytes}.
 */
export async function exposeImageBytes(
  { blobs }: Pick<Library, "blobs">,
  image: ImageBytes,
): Promise<ExposedBlob> {
  const file = await blobs.exposeBlob(image.blobDigest);
  if (file?.size === image.sizeBytes) return file;
  throw notThere(image, file === undefined);
}

function notThere({ blobDigest }: ImageBytes, isMissing: boolean): Fault {
  return new Fault(
    "internal",
    `the library's copy of ${blobDigest} is ${isMissing ? "missing" : "damaged"}; tell the site's admin, or push the image again after deleting it`,
  );
}
