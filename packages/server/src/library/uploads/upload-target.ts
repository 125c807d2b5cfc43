import type { QuotaResponse } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import { entityUsage, findEntityById } from "../../catalog/entities.js";
import { findImageById } from "../../catalog/images.js";
import type { ImageRecord } from "../../catalog/records.js";
import { type Fault, faultOf } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { canSee, requireChangeable } from "../../access/permissions.js";

/**
 * The image that a request uploads to, if the principal may push to its container.
 *
 * @param missing What to answer when the image is hidden or not there; once an upload has started, that is not `not-found`, which
 *   Go clients take for "multipart is not supported".
 * @throws Fault `missing`, or `forbidden` when the container is visible but someone else's.
 */
export async function requireUploadTarget(
  library: Library,
  principal: UserPrincipal,
  imageId: string,
  missing: Fault = faultOf("not-found"),
): Promise<ImageRecord> {
  const image = await findImageById(library.catalog, imageId);
  if (image === undefined || !canSee(principal, image.container)) throw missing;
  requireChangeable(principal, image.container);
  return image;
}

/** Storage that the image's entity may use and uses, in bytes; a total of 0 is unlimited. */
export async function quotaOf(
  library: Library,
  { container: { entityId } }: ImageRecord,
): Promise<QuotaResponse> {
  const entity = await findEntityById(library.catalog, entityId);
  return {
    quotaTotal: entity?.quotaBytes ?? 0,
    quotaUsage: await entityUsage(library.catalog, entityId),
  };
}
