import type { Digest } from "@sifshelf/protocol";

import type { BlobReader } from "../blobs/blob-store.js";
import type { OpenBytes } from "../blobs/open-bytes.js";
import type { ExposedBlob, FrontServerFiles } from "../blobs/store-capabilities.js";
import { Fault } from "../faults/fault.js";

/** The stored bytes of an image. */
interface ImageBytes {
  readonly blobDigest: Digest;
  readonly sizeBytes: number;
}

/**
 * Opens the stored bytes of an uploaded image. The caller closes them.
 *
 * @throws Fault `internal` when they are missing or have another size than when they were stored.
 */
export async function openImageBytes(
  { blobs }: { readonly blobs: BlobReader },
  image: ImageBytes,
): Promise<OpenBytes> {
  const bytes = await blobs.openBlob(image.blobDigest);
  if (bytes?.size === image.sizeBytes) return bytes;
  await bytes?.close();
  throw notThere(image, bytes === undefined);
}

/**
 * Makes the stored bytes of an uploaded image readable for a front server, and returns their path.
 *
 * @throws Fault like {@link openImageBytes}.
 */
export async function exposeImageBytes(
  frontServer: FrontServerFiles,
  image: ImageBytes,
): Promise<ExposedBlob> {
  const file = await frontServer.exposeBlob(image.blobDigest);
  if (file?.sizeBytes === image.sizeBytes) return file;
  throw notThere(image, file === undefined);
}

function notThere({ blobDigest }: ImageBytes, isMissing: boolean): Fault {
  return new Fault(
    "internal",
    `the library's copy of ${blobDigest} is ${isMissing ? "missing" : "damaged"}; tell the site's admin, or push the image again after deleting it`,
  );
}
