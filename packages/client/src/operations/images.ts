import {
  decode,
  type Image,
  ImageResponseSchema,
  type LibraryRef,
  parseImageHash,
} from "@sifshelf/protocol";

import { optionError } from "../errors/library-error.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import { requestDeletion, requestJson } from "../http/request-json.js";
import { checkArch, imageRefPath } from "./image-ref.js";
import { checkId, withId } from "./names-and-ids.js";

/** Selects one image among those of a ref. */
export interface ImageOptions extends RequestOptions {
  /** Go name of the arch (`amd64`). Without it, the library's arch-less tags decide. */
  readonly arch?: string | undefined;
}

/** Which image to delete. */
export interface DeleteImageOptions extends ImageOptions {
  readonly arch: string;
}

/** The fields of a new image record. `uploadImage` sends its bytes. */
export interface NewImage {
  /** Image hash of the whole file. */
  readonly hash: string;
  /** Id of the container. */
  readonly container: string;
  /** Default: empty. */
  readonly description?: string | undefined;
}

/**
 * Returns the record of the image that `ref` names by tag (default `latest`) or hash. The library
 * expands short refs (Go: `GetImage`).
 *
 * @throws LibraryError `not-found`; RefError.
 */
export async function getImage(
  connection: Connection,
  ref: string | LibraryRef,
  { arch, signal }: ImageOptions = {},
): Promise<Image> {
  const call = imageCall("getImage", ref, arch);
  return requestJson(connection, { ...call, signal }, readImage);
}

/** Creates an image record, or returns the one that the container has for this hash. */
export async function createImage(
  connection: Connection,
  { hash, container, description = "" }: NewImage,
  { signal }: RequestOptions = {},
): Promise<Image> {
  const json = {
    hash: parseImageHash(hash),
    description,
    container: checkId(container, "container"),
  };
  return requestJson(connection, { route: "createImage", params: {}, json, signal }, readImage);
}

/**
 * Deletes the image that `ref` names by tag or hash, for this arch (Go: `DeleteImage`).
 *
 * @throws LibraryError `not-found`, `option-not-valid` without an arch; RefError.
 */
export async function deleteImage(
  connection: Connection,
  ref: string | LibraryRef,
  { arch, signal }: DeleteImageOptions = { arch: "" },
): Promise<void> {
  if (!arch) throw optionError("arch is missing: name the arch to delete");
  await requestDeletion(connection, { ...imageCall("deleteImage", ref, arch), signal });
}

function imageCall<Name extends "getImage" | "deleteImage">(
  route: Name,
  ref: string | LibraryRef,
  arch: string | undefined,
) {
  return { route, params: { ref: imageRefPath(ref) }, query: { arch: checkArch(arch) } };
}

function readImage(json: unknown): Image {
  return withId(decode(ImageResponseSchema, json, "image").data, "image");
}
