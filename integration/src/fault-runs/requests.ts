import type { RequestFilter } from "@sifshelf/testing";

const asked =
  (method: string, path: RegExp): RequestFilter =>
  (request) =>
    request.method === method && path.test(request.path);

/** Reads the record of an image. */
export const isRecord = asked("GET", /^\/v1\/images\//);
/** Requests the location of the bytes of an image, or the bytes. */
export const isFile = asked("GET", /^\/v1\/imagefile\//);
/** Fetches bytes of an image from the URL that the library returned. */
export const isStorage = asked("GET", /^\/transfers\/images\//);
/** The same, except for the first bytes of the image. */
export const isLaterPart: RequestFilter = (request) =>
  isStorage(request) && (request.range?.[0] ?? 0) > 0;
/** Creates an object. */
export const isCreation = asked("POST", /^\/v1\/(?:entities|collections|containers|images)$/);
/** Starts an upload, in one request or in parts. */
export const isUploadStart = asked("POST", /^\/v2\/imagefile\/[^/]+(?:\/_multipart)?$/);
/** Requests the URL for a part. */
export const isPartRequest = asked("PUT", /^\/v2\/imagefile\/[^/]+\/_multipart$/);
/** Sends bytes of an image. */
export const isUpload = asked("PUT", /^\/transfers\/uploads\//);
/** Completes an upload. */
export const isCompletion = asked(
  "PUT",
  /^\/v2\/imagefile\/[^/]+\/(?:_complete|_multipart_complete)$/,
);
/** Tags are set. */
export const isTagging = asked("PUT", /^\/v2\/tags\//);
