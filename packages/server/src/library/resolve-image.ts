import { type ExpandedRef, expandRef, isRefError } from "@sifshelf/protocol";

import type { Principal } from "../access/principal.js";
import { findContainer } from "../catalog/containers.js";
import { findImageByHash, findImageById, findImageBySifId } from "../catalog/images.js";
import type { ContainerRecord, ImageRecord } from "../catalog/records.js";
import { findTag } from "../catalog/tags.js";
import { Fault, faultOf } from "../faults/fault.js";
import type { Library } from "./library.js";
import { canChange, requireVisible } from "../access/permissions.js";

/** A ref as a request carries it, and the arch it asks for; an empty `arch` asks for the plain tag. */
export interface ImageQuery {
  readonly ref: string;
  readonly arch: string;
}

/**
 * The image that a ref addresses: by hash whatever the arch, or by the first of its tags for the arch. An image whose bytes
 * have not arrived is shown only, by hash, to those who may push them.
 *
 * @throws Fault `not-found` when it is missing or hidden, `ref-not-valid` when the ref is not one.
 */
export async function resolveImage(
  library: Library,
  principal: Principal,
  query: ImageQuery,
): Promise<ImageRecord> {
  const ref = readRef(query.ref);
  const container = requireVisible(
    principal,
    await findContainer(library.catalog, ref.entity, ref.collection, ref.container),
  );
  const image = await findImage(library, container, ref, query.arch);
  if (image === undefined) throw faultOf("not-found");
  if (!image.isUploaded && !canChange(principal, container)) throw faultOf("not-found");
  return image;
}

async function findImage(
  { catalog }: Library,
  container: ContainerRecord,
  ref: ExpandedRef,
  arch: string,
): Promise<ImageRecord | undefined> {
  if (ref.hash?.startsWith(SIF_ID_PREFIX) === true) {
    return findImageBySifId(catalog, container.id, ref.hash.slice(SIF_ID_PREFIX.length));
  }
  if (ref.hash !== undefined) return findImageByHash(catalog, container.id, ref.hash);
  const tag = await findTag(catalog, container.id, arch, ref.tags[0] ?? "");
  return tag && findImageById(catalog, tag.imageId);
}

const SIF_ID_PREFIX = "sif.";

function readRef(ref: string): ExpandedRef {
  try {
    return expandRef(ref);
  } catch (error) {
    if (isRefError(error)) throw new Fault("ref-not-valid", error.message, { cause: error });
    throw error;
  }
}
