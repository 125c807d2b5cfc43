import type { RequestFilter } from "@sifshelf/testing";

const asked =
  (method: string, path: RegExp): RequestFilter =>
  (request) =>
    request.method === method && path.test(request.path);

/** The record of an image is read. */
export const isRecord = asked("GET", /^\/v1\/images\//);
/** The library is asked where the bytes of an image are, or for them. */
export const isFile = asked("GET", /^\/v1\/imagefile\//);
/** Bytes of an image are fetched from the URL that the library gave. */
export const isStorage = asked("GET", /^\/transfers\/images\//);
/** The same, but not those at the beginning of the image. */
export const isLaterPart: RequestFilter = (request) =>
  isStorage(request) && (request.range?.[0] ?? 0) > 0;
/** Something is created. */
export const isCreation = asked("POST", /^\/v1\/(?:entities|collections|containers|images)$/);
/** An upload, in one piece or in parts, is begun. */
export const isUploadStart = asked("POST", /^\/v2\/imagefile\/[^/]+(?:\/_multipart)?$/);
/** The URL for a part is asked for. */
export const isPartRequest = asked("PUT", /^\/v2\/imagefile\/[^/]+\/_multipart$/);
/** Bytes of an image are sent. */
export const isUpload = asked("PUT", /^\/transfers\/uploads\//);
/** An upload is completed. */
export const isCompletion = asked(
  "PUT",
  /^\/v2\/imagefile\/[^/]+\/(?:_complete|_multipart_complete)$/,
);
/** Tags are set. */
export const isTagging = asked("PUT", /^\/v2\/tags\//);
