import { canSee, requireChangeable } from "../../access/permissions.js";
import type { UserPrincipal } from "../../access/principal.js";
import { findImageById } from "../../catalog/images.js";
import type { ImageRecord } from "../../catalog/records.js";
import { type Fault, faultOf } from "../../faults/fault.js";
import type { Library } from "../library.js";

/**
 * Returns the image if the principal may push to its container.
 *
 * @param missing The fault for an image that is hidden or does not exist. Once an upload has
 *   started, it must not be `not-found`, which Go clients take for "multipart is not supported".
 * @throws Fault `missing`, or `forbidden` when the container is visible but belongs to another
 *   user.
 */
export async function requireImageToPush(
  { catalog }: Library,
  principal: UserPrincipal,
  imageId: string,
  missing: Fault = faultOf("not-found"),
): Promise<ImageRecord> {
  return requirePushable(principal, await findImageById(catalog, imageId), missing);
}

/** Like {@link requireImageToPush}, for an image that has been looked up. */
export function requirePushable(
  principal: UserPrincipal,
  image: ImageRecord | undefined,
  missing: Fault,
): ImageRecord {
  if (image === undefined || !canSee(principal, image.container)) throw missing;
  requireChangeable(principal, image.container);
  return image;
}
