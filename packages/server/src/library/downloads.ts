import { type Digest, routePath, sha256HexOfDigest } from "@sifshelf/protocol";

import type { Principal } from "../access/principal.js";
import type { TransferGrant } from "../blobs/transfer-grant.js";
import { addDownload } from "../catalog/containers.js";
import { findImageById } from "../catalog/images.js";
import type { ImageRecord } from "../catalog/records.js";
import { faultOf } from "../faults/fault.js";
import type { Library } from "./library.js";
import { requireVisible } from "../access/permissions.js";
import { type ImageQuery, resolveImage } from "./resolve-image.js";

/** An image whose bytes are stored. */
export type StoredImage = ImageRecord & { readonly blobDigest: Digest };

/**
 * Returns the image that a ref addresses, for download. Throws Fault `not-found`, also while its
 * bytes have not arrived.
 */
export async function resolveDownload(
  library: Library,
  principal: Principal,
  query: ImageQuery,
): Promise<StoredImage> {
  return requireStored(await resolveImage(library, principal, query));
}

/** Returns the image with that id, for download, if the principal may see it; else `not-found`. */
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

/**
 * Grants the download of an image from where its bytes are; undefined if this server is to send
 * them in its reply, because the site wants that or nothing else is possible.
 *
 * @param baseUrl Returns the base URL by which the client reaches the library, with a slash at its
 *   end. Not called if no URL of ours is needed.
 */
export async function grantDownload(
  { blobs, settings }: Library,
  principal: Principal,
  image: StoredImage,
  baseUrl: () => string,
): Promise<TransferGrant | undefined> {
  if (settings.downloads === "stream") return undefined;
  const { blobDigest: digest, sizeBytes } = image;
  const { directDownload, signedUrls } = blobs;
  if (directDownload !== undefined) {
    return directDownload.grantDownload({ digest, sizeBytes, fileName: fileNameOf(image) });
  }
  const path = routePath("receiveImage", { imageId: image.id });
  const sha256 = sha256HexOfDigest(digest);
  const tokenId = principal.kind === "user" ? principal.tokenId : null;
  return signedUrls?.sign(
    { method: "GET", path, sizeBytes, sha256 },
    { tokenId, baseUrl: baseUrl() },
  );
}

/** The file name to suggest for an image. */
export function fileNameOf(image: ImageRecord): string {
  return `${image.container.name}.sif`;
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
