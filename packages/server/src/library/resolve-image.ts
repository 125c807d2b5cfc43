import { type ExpandedRef, type ImageHash, expandRef, isRefError } from "@sifshelf/protocol";

import { canChange, requireVisible } from "../access/permissions.js";
import type { Principal } from "../access/principal.js";
import {
  type ImageDetails,
  type ImageSelector,
  findImageAt,
  findImageDetailsAt,
} from "../catalog/image-lookup.js";
import type { ImageRecord } from "../catalog/records.js";
import { Fault, faultOf } from "../faults/fault.js";
import type { Library } from "./library.js";

/**
 * A ref as a request carries it, and the arch it asks for; an empty `arch` asks for the plain tag.
 */
export interface ImageQuery {
  readonly ref: string;
  readonly arch: string;
}

/**
 * The image that a ref addresses: by hash whatever the arch, or by the first of its tags for the
 * arch. An image whose bytes have not arrived is found only by hash, and only by those who may push
 * them.
 *
 * @throws Fault `not-found` when it is missing or hidden, `ref-not-valid` when the ref is not one.
 */
export async function resolveImage(
  { catalog }: Pick<Library, "catalog">,
  principal: Principal,
  query: ImageQuery,
): Promise<ImageRecord> {
  const { path, selector } = readRef(query);
  const image = await findImageAt(catalog, path, selector);
  return requireVisibleImage(principal, image);
}

/** Like {@link resolveImage}, with the image's tags and labels; one query too. */
export async function resolveImageDetails(
  { catalog }: Pick<Library, "catalog">,
  principal: Principal,
  query: ImageQuery,
): Promise<ImageDetails> {
  const { path, selector } = readRef(query);
  const found = await findImageDetailsAt(catalog, path, selector);
  const image = requireVisibleImage(principal, found?.image);
  return { image, tags: found?.tags ?? [], labels: found?.labels };
}

function requireVisibleImage(principal: Principal, image: ImageRecord | undefined): ImageRecord {
  if (image === undefined) throw faultOf("not-found");
  requireVisible(principal, image.container);
  if (!image.isUploaded && !canChange(principal, image.container)) throw faultOf("not-found");
  return image;
}

function readRef({ ref, arch }: ImageQuery) {
  const expanded = expand(ref);
  const { entity, collection, container, hash, tags } = expanded;
  const selector = hash === undefined ? { tag: tags[0] ?? "", arch } : selectorOf(hash);
  return { path: { entity, collection, container }, selector };
}

const SIF_ID_PREFIX = "sif.";

function selectorOf(hash: ImageHash): ImageSelector {
  return hash.startsWith(SIF_ID_PREFIX) ? { sifId: hash.slice(SIF_ID_PREFIX.length) } : { hash };
}

function expand(ref: string): ExpandedRef {
  try {
    return expandRef(ref);
  } catch (error) {
    if (isRefError(error)) throw new Fault("ref-not-valid", error.message, { cause: error });
    throw error;
  }
}
