import {
  type CreateImageRequest,
  type Image,
  type ImageHash,
  digestOfImageHash,
  isImageHash,
} from "@sifshelf/protocol";

import { requireChangeable } from "../access/permissions.js";
import type { Principal, UserPrincipal } from "../access/principal.js";
import { inTransaction } from "../catalog/catalog.js";
import { findContainerById } from "../catalog/containers.js";
import { deleteImage as deleteImageRow, insertImageIfAbsent } from "../catalog/images.js";
import type { ImageRecord } from "../catalog/records.js";
import { listTagNames } from "../catalog/tags.js";
import { enqueueJob } from "../jobs/enqueue-job.js";
import { Fault } from "../faults/fault.js";
import { checkDescription } from "./checked-input.js";
import type { Library } from "./library.js";
import { imageModel } from "./models.js";
import { type ImageQuery, resolveImage, resolveImageDetails } from "./resolve-image.js";
import type { Sent } from "./sent.js";

/**
 * The image that the ref addresses, with its labels if it has been inspected.
 *
 * @throws Fault `not-found` when it is missing or hidden.
 */
export async function getImage(
  library: Pick<Library, "catalog">,
  principal: Principal,
  query: ImageQuery,
): Promise<Sent<Image>> {
  const { image, tags, labels } = await resolveImageDetails(library, principal, query);
  return imageModel(image, tags, labels);
}

/**
 * Records an image whose bytes are to follow, or returns the container's image with that hash. A
 * client looks an image up by hash and arch first and creates it when that finds nothing, so the
 * same image may well exist.
 *
 * @throws Fault `not-found` or `forbidden` for the container, `ref-not-valid` for the hash.
 */
export async function createImage(
  library: Library,
  principal: UserPrincipal,
  request: CreateImageRequest,
): Promise<Sent<Image>> {
  const hash = checkHash(request.hash);
  const description = checkDescription(request.description);
  const found = await findContainerById(library.catalog, request.container);
  const container = requireChangeable(principal, found);
  const record = await insertImageIfAbsent(library.catalog, {
    containerId: container.id,
    hash,
    description,
    createdBy: principal.userName,
    nowMs: library.now(),
  });
  return describeImage(library, record);
}

/**
 * Deletes the image that the ref addresses, with every tag that points to it. Its bytes are deleted
 * when no other image has them.
 *
 * @throws Fault `not-found`, or `forbidden` when it is visible but someone else's.
 */
export async function deleteImage(
  library: Library,
  principal: UserPrincipal,
  query: ImageQuery,
): Promise<Sent<Image>> {
  const image = await resolveImage(library, principal, query);
  requireChangeable(principal, image.container);
  // The lock keeps tags and new uploads out until the image is gone.
  const locks = { container: image.container.id, image: image.id };
  const deleted = await inTransaction(library.catalog, { locks }, async (catalog) => {
    const model = await describeImage({ catalog }, image);
    await deleteImageRow(catalog, image.id);
    await enqueueJob(catalog, { kind: "collect-blobs", key: "" });
    return model;
  });
  library.jobs.wake();
  return deleted;
}

// A `sif.` hash says nothing about the bytes, so nothing that is pushed could be checked against
// it.
function checkHash(hash: string): ImageHash {
  if (isImageHash(hash) && digestOfImageHash(hash) !== undefined) return hash;
  throw new Fault(
    "ref-not-valid",
    "the image's hash is not valid; it is \"sha256.\" and the 64 lower-case hex digits of the whole file's SHA-256",
  );
}

/**
 * The images as they go over the wire, with their tags; one query. Without labels, of which a page
 * could hold more than a client reads.
 */
export async function describeImages(
  { catalog }: Pick<Library, "catalog">,
  records: readonly ImageRecord[],
): Promise<Sent<Image>[]> {
  const names = await listTagNames(
    catalog,
    records.map(({ id }) => id),
  );
  return records.map((record) => imageModel(record, names.get(record.id) ?? []));
}

/** The image as {@link describeImages} does it. */
export async function describeImage(
  { catalog }: Pick<Library, "catalog">,
  record: ImageRecord,
): Promise<Sent<Image>> {
  const names = await listTagNames(catalog, [record.id]);
  return imageModel(record, names.get(record.id) ?? []);
}
