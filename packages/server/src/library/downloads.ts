import type { Digest } from "@sifshelf/protocol";

import type { Principal } from "../access/principal.js";
import { addDownload } from "../catalog/containers.js";
import { findImageById } from "../catalog/images.js";
import type { ImageRecord } from "../catalog/records.js";
import { faultOf } from "../faults/fault.js";
import type { Library } from "./library.js";
import { requireVisible } from "../access/permissions.js";
import { type ImageQuery, resolveImage } from "./resolve-image.js";

/** An image whose bytes are here. */
export type StoredImage = ImageRecord & { readonly blobDigest: Digest };

/** The image to download that a ref addresses; throws `not-found` also while its bytes have not arrived. */
export async function resolveDownload(
  library: Library,
  principal: Principal,
  query: ImageQuery,
): Promise<StoredImage> {
  return requireStored(await resolveImage(library, principal, query));
}

/** The image to download by its id, if the principal may see it; throws `not-found`. */
export async function findDownload(
  library: Library,
  principal: Principal,
  imageId: string,
): Promise<StoredImage> {
  const image = await findImageById(library.catalog, imageId);
  if (image === undefined) throw faultOf("not-found");
  requireVisible(principal, image.container);
  return requireStored(image);
}

/** Counts one pull of the image's container. */
export async function countDownload(library: Library, image: ImageRecord): Promise<void> {
  await addDownload(library.catalog, image.container.id);
}

function requireStored(image: ImageRecord): StoredImage {
  const { blobDigest } = image;
  if (!image.isUploaded || blobDigest === null) throw faultOf("not-found");
  return { ...image, blobDigest };
}
