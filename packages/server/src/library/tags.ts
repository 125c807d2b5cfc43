import {
  type ArchImageTag,
  type ArchTagMap,
  MAX_TAGS_PER_REQUEST,
  type TagMap,
} from "@sifshelf/protocol";

import { requireChangeable, requireVisible } from "../access/permissions.js";
import type { Principal, UserPrincipal } from "../access/principal.js";
import { type Catalog, inTransaction } from "../catalog/catalog.js";
import { findContainerById } from "../catalog/containers.js";
import { findImagesById } from "../catalog/images.js";
import type { ContainerRecord, ImageRecord, TagRecord } from "../catalog/records.js";
import { findTag, listTags, putTag } from "../catalog/tags.js";
import { Fault, faultOf } from "../faults/fault.js";
import { checkArch, checkTag } from "./checked-input.js";
import type { Library } from "./library.js";
import { archTagMap, plainTagMap } from "./models.js";

/**
 * The container's plain tags, for clients that know no arch.
 *
 * @throws Fault `not-found`.
 */
export async function getTags(
  library: Library,
  principal: Principal,
  containerId: string,
): Promise<TagMap> {
  return plainTagMap(await visibleTags(library, principal, containerId));
}

/**
 * The container's tags by arch.
 *
 * @throws Fault `not-found`.
 */
export async function getArchTags(
  library: Library,
  principal: Principal,
  containerId: string,
): Promise<ArchTagMap> {
  return archTagMap(await visibleTags(library, principal, containerId));
}

/**
 * Sets tags of one container, all or none of them. An entry without arch sets the plain tag, and
 * with it the tag of the image's own arch.
 *
 * @returns All tags of the container by arch, as they are afterwards.
 * @throws Fault `tag-not-valid`, `bad-request` (arch, no tags, too many), `not-found` or
 *   `forbidden` for the container, `not-found` for an image that is not the container's, `conflict`
 *   for one whose bytes have not arrived.
 */
export async function setTags(
  library: Pick<Library, "catalog" | "now">,
  principal: UserPrincipal,
  request: { readonly containerId: string; readonly tags: readonly ArchImageTag[] },
): Promise<ArchTagMap> {
  checkTags(request.tags);
  return inTransaction(
    library.catalog,
    { locks: { container: request.containerId } },
    async (catalog) => {
      const found = await findContainerById(catalog, request.containerId);
      const container = requireChangeable(principal, found);
      const ids = request.tags.map(({ ImageID }) => ImageID);
      const images = await findImagesById(catalog, ids);
      for (const { Arch, Tag, ImageID } of request.tags) {
        const image = requireTaggable(container, images.get(ImageID));
        await setTag(catalog, image, {
          arch: Arch,
          name: Tag,
          updatedBy: principal.userName,
          nowMs: library.now(),
        });
      }
      return archTagMap(await listTags(catalog, container.id));
    },
  );
}

async function visibleTags(
  { catalog }: Library,
  principal: Principal,
  containerId: string,
): Promise<readonly TagRecord[]> {
  const container = requireVisible(principal, await findContainerById(catalog, containerId));
  return listTags(catalog, container.id);
}

function checkTags(tags: readonly ArchImageTag[]): void {
  if (tags.length === 0 || tags.length > MAX_TAGS_PER_REQUEST) {
    throw new Fault(
      "bad-request",
      `the request sets ${tags.length} tags; from 1 to ${MAX_TAGS_PER_REQUEST} are possible`,
    );
  }
  for (const { Arch, Tag } of tags) {
    checkTag(Tag);
    if (Arch !== "") checkArch(Arch);
  }
}

function requireTaggable(container: ContainerRecord, image: ImageRecord | undefined): ImageRecord {
  // Another container's image is reported like a missing one: it may be private.
  if (image?.container.id !== container.id) throw faultOf("not-found");
  if (image.isUploaded) return image;
  throw new Fault(
    "conflict",
    `the image ${image.hash} cannot be tagged before its bytes have arrived; finish its upload first`,
  );
}

interface TagToSet {
  readonly arch: string;
  readonly name: string;
  readonly updatedBy: string;
  readonly nowMs: number;
}

async function setTag(catalog: Catalog, image: ImageRecord, tag: TagToSet): Promise<void> {
  const arches = tag.arch === "" ? ["", image.arch ?? ""] : await archesToSet(catalog, image, tag);
  for (const arch of new Set(arches)) {
    await putTag(catalog, { ...tag, arch, imageId: image.id, containerId: image.container.id });
  }
}

/**
 * Clients before Singularity 3.4 know plain tags only, so a tag set for one arch moves the plain
 * tag too, unless the plain tag serves another arch. Between arches amd64 wins: hardly any of those
 * clients runs on anything else.
 */
async function archesToSet(
  catalog: Catalog,
  image: ImageRecord,
  tag: TagToSet,
): Promise<readonly string[]> {
  const plain = await findTag(catalog, image.container.id, "", tag.name);
  if (plain === undefined || tag.arch === "amd64") return ["", tag.arch];
  const previous = await findTag(catalog, image.container.id, tag.arch, tag.name);
  return plain.imageId === previous?.imageId ? ["", tag.arch] : [tag.arch];
}
