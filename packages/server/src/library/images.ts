import {
  type CreateImageRequest,
  type Image,
  type ImageHash,
  digestOfImageHash,
  isImageHash,
} from "@sifshelf/protocol";

import type { Principal, UserPrincipal } from "../access/principal.js";
import { inTransaction } from "../catalog/catalog.js";
import { findContainerById } from "../catalog/containers.js";
import { deleteImage as deleteImageRow, insertImageIfAbsent } from "../catalog/images.js";
import { findLabels } from "../catalog/inspections.js";
import type { ImageRecord } from "../catalog/records.js";
import { listTagNamesOfImage } from "../catalog/tags.js";
import { enqueueJob } from "../jobs/enqueue-job.js";
import { checkDescription } from "./checked-input.js";
import { Fault } from "../faults/fault.js";
import type { Library } from "./library.js";
import { imageModel } from "./models.js";
import { requireChangeable } from "../access/permissions.js";
import { type ImageQuery, resolveImage } from "./resolve-image.js";

/** The image that the ref addresses, with its labels if it has been inspected; throws `not-found` when it is missing or hidden. */
export async function getImage(
  library: Library,
  principal: Principal,
  query: ImageQuery,
): Promise<Image> {
  const record = await resolveImage(library, principal, query);
  const { catalog } = library;
  const labels =
    record.blobDigest === null ? undefined : await findLabels(catalog, record.blobDigest);
  return imageModel(record, await listTagNamesOfImage(catalog, record.id), labels);
}

/**
 * Records an image whose bytes are to follow, or returns the container's image with that hash. A client looks an image up by
 * hash and arch first and creates it when that finds nothing, so the same image may well be there.
 *
 * @throws Fault `not-found` or `forbidden` for the container, `ref-not-valid` for the hash.
 */
export async function createImage(
  library: Library,
  principal: UserPrincipal,
  request: CreateImageRequest,
): Promise<Image> {
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
 * Deletes the image that the ref addresses, with every tag that points at it. The bytes go when no other image has them.
 *
 * @throws Fault `not-found`, or `forbidden` when it is visible but someone else's.
 */
export async function deleteImage(
  library: Library,
  principal: UserPrincipal,
  query: ImageQuery,
): Promise<Image> {
  const image = await resolveImage(library, principal, query);
  requireChangeable(principal, image.container);
  const model = await describeImage(library, image);
  await inTransaction(library.catalog, { locks: { image: image.id } }, async (transaction) => {
    await deleteImageRow(transaction, image.id);
    await enqueueJob(transaction, { kind: "collect-blobs", key: "" });
  });
  library.jobs.wake();
  return model;
}

// A `sif.` hash says nothing about the bytes, so nothing that is pushed could be checked against it.
function checkHash(hash: string): ImageHash {
  if (isImageHash(hash) && digestOfImageHash(hash) !== undefined) return hash;
  throw new Fault(
    "ref-not-valid",
    "the image's hash is not valid; it is \"sha256.\" and the 64 lower-case hex digits of the whole file's SHA-256",
  );
}

/** The image with its tags. Without its labels, of which a page of images could have more than a client reads. */
export async function describeImage(library: Library, record: ImageRecord): Promise<Image> {
  return imageModel(record, await listTagNamesOfImage(library.catalog, record.id));
}
