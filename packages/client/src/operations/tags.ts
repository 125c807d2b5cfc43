import {
  type ArchTagMap,
  ArchTagsResponseSchema,
  decode,
  isTagName,
  MAX_TAG_LENGTH,
  type TagMap,
  TagsResponseSchema,
} from "@sifshelf/protocol";

import { isLibraryError, LibraryError, optionError } from "../errors/library-error.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import { requestDone, requestJson } from "../http/request-json.js";
import { checkArch } from "./image-ref.js";
import { checkId } from "./names-and-ids.js";

/** Tags to set on an image. They move from the images they named before. */
export interface TagAssignment {
  readonly imageId: string;
  readonly tags: readonly string[];
}

/** Tags to set on an image for one arch. */
export interface ArchTagAssignment extends TagAssignment {
  readonly arch: string;
}

/** Returns the arch-less tags of a container, by its id. */
export async function getTags(
  connection: Connection,
  containerId: string,
  { signal }: RequestOptions = {},
): Promise<TagMap> {
  const call = { route: "getTags", params: containerParams(containerId), signal } as const;
  return requestJson(connection, call, (json) => decode(TagsResponseSchema, json, "tags").data);
}

/** Returns the tags of a container by arch, by its id. */
export async function getArchTags(
  connection: Connection,
  containerId: string,
  { signal }: RequestOptions = {},
): Promise<ArchTagMap> {
  const call = { route: "getArchTags", params: containerParams(containerId), signal } as const;
  return requestJson(connection, call, (json) => decode(ArchTagsResponseSchema, json, "tags").data);
}

/**
 * Sets arch-less tags one after another, as libraries without arch tags require.
 *
 * @throws LibraryError whose `tagsSet` names the tags set before the failure.
 */
export async function setTags(
  connection: Connection,
  containerId: string,
  { imageId, tags }: TagAssignment,
  { signal }: RequestOptions = {},
): Promise<void> {
  const params = containerParams(containerId);
  const ImageID = checkId(imageId, "image");
  await setEach(checkTags(tags), (Tag) => {
    const json = { Tag, ImageID };
    return requestDone(connection, { route: "setTag", params, json, signal });
  });
}

/**
 * Sets the tags of one arch one after another.
 *
 * @throws LibraryError whose `tagsSet` names the tags set before the failure.
 */
export async function setArchTags(
  connection: Connection,
  containerId: string,
  { arch, imageId, tags }: ArchTagAssignment,
  { signal }: RequestOptions = {},
): Promise<void> {
  checkArch(arch);
  const params = containerParams(containerId);
  const ImageID = checkId(imageId, "image");
  await setEach(checkTags(tags), (Tag) => {
    const json = { Arch: arch, Tag, ImageID };
    return requestDone(connection, { route: "setArchTag", params, json, signal });
  });
}

/**
 * Sets all tags in one request that succeeds or fails as a whole: an extension that the library
 * must announce.
 */
export async function setTagsAtOnce(
  connection: Connection,
  containerId: string,
  { arch, imageId, tags }: ArchTagAssignment,
  { signal }: RequestOptions = {},
): Promise<void> {
  checkArch(arch);
  const params = containerParams(containerId);
  const ImageID = checkId(imageId, "image");
  const json = { tags: checkTags(tags).map((Tag) => ({ Arch: arch, Tag, ImageID })) };
  await requestDone(connection, { route: "setTags", params, json, signal });
}

function containerParams(containerId: string): { containerId: string } {
  return { containerId: checkId(containerId, "container") };
}

/** Returns the tags without duplicates. @throws LibraryError `tag-not-valid`, `option-not-valid` */
export function checkTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags)) throw optionError("tags is not a list of tags");
  for (const tag of tags) {
    if (isTagName(tag)) continue;
    throw new LibraryError(
      "tag-not-valid",
      `tag ${JSON.stringify(tag.slice(0, MAX_TAG_LENGTH))} must consist of lower-case letters and digits with single ".", "-" or "_" between them, at most ${MAX_TAG_LENGTH}`,
    );
  }
  return [...new Set(tags)];
}

async function setEach(
  tags: readonly string[],
  set: (tag: string) => Promise<void>,
): Promise<void> {
  const tagsSet: string[] = [];
  for (const tag of tags) {
    try {
      await set(tag);
    } catch (error) {
      throw isLibraryError(error) ? withTagsSet(error, tagsSet) : error;
    }
    tagsSet.push(tag);
  }
}

function withTagsSet(error: LibraryError, tagsSet: readonly string[]): LibraryError {
  const before = tagsSet.length === 0 ? "none" : tagsSet.join(", ");
  const { status, method, url, requestId, serverMessage, retryAfterMs } = error;
  return new LibraryError(error.code, `${error.message}; tags set before: ${before}`, {
    status,
    method,
    url,
    requestId,
    serverMessage,
    retryAfterMs,
    tagsSet,
    cause: error,
  });
}
