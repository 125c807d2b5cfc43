import {
  decode,
  MultipartUploadStartResponseSchema,
  MultipartUploadStateResponseSchema,
} from "@sifshelf/protocol";

import { isLibraryError, isNotFound } from "../errors/library-error.js";
import type { Connection } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import { resumedPlan, type UploadJob, type UploadPlan, uploadPlan } from "./upload-plan.js";

/**
 * Opens an upload in parts. Returns undefined when the library does not support them, which it
 * reports with 404.
 */
export async function startMultipartUpload(job: UploadJob): Promise<UploadPlan | undefined> {
  const { connection, imageId, source, signal } = job;
  const json = { filesize: source.size };
  try {
    return await requestJson(
      connection,
      { route: "startMultipartUpload", params: { imageId }, json, signal },
      (reply) =>
        uploadPlan(decode(MultipartUploadStartResponseSchema, reply, "upload").data, source.size),
    );
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Returns the upload of this image that an earlier push left open, with the parts that have
 * arrived, or undefined. Only for libraries that announce it.
 */
export async function findMultipartUpload(job: UploadJob): Promise<UploadPlan | undefined> {
  try {
    return await readState(job, job.connection, undefined);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/**
 * Returns the token of a part that has arrived, undefined if it has not, or if that cannot be
 * determined now.
 */
export async function storedPartToken(
  job: UploadJob,
  uploadId: string,
  partNumber: number,
): Promise<string | undefined> {
  try {
    const plan = await readState(job, job.connection, uploadId);
    return plan?.stored.get(partNumber);
  } catch (error) {
    job.signal?.throwIfAborted();
    // Sending the part again is correct in any case.
    if (isLibraryError(error)) return undefined;
    throw error;
  }
}

function readState(
  { imageId, source, signal }: UploadJob,
  connection: Connection,
  uploadId: string | undefined,
): Promise<UploadPlan | undefined> {
  const query = { uploadID: uploadId };
  return requestJson(
    connection,
    { route: "getMultipartUpload", params: { imageId }, query, signal },
    (reply) =>
      resumedPlan(decode(MultipartUploadStateResponseSchema, reply, "upload").data, source.size),
  );
}

function isGone(error: unknown): boolean {
  return isNotFound(error) || (isLibraryError(error) && error.code === "upload-closed");
}
