import type { Digest } from "@sifshelf/protocol";

import type { OpenBytes } from "../blobs/blob-store.js";
import { LibraryFault } from "./library-fault.js";
import type { Library } from "./library.js";

/**
 * Opens the stored bytes of an uploaded image; whoever opens closes.
 *
 * @throws LibraryFault `internal` when they are missing or of another size than when they were stored.
 */
export async function openImageBytes(
  { blobs }: Pick<Library, "blobs">,
  image: { readonly blobDigest: Digest; readonly sizeBytes: number },
): Promise<OpenBytes> {
  const bytes = await blobs.openBlob(image.blobDigest);
  if (bytes?.size === image.sizeBytes) return bytes;
  await bytes?.close();
  throw new LibraryFault(
    "internal",
    `the library's copy of ${image.blobDigest} is ${bytes === undefined ? "missing" : "damaged"}; tell the site's admin, or push the image again after deleting it`,
  );
}
