import {
  type CompletedPart,
  CompleteMultipartUploadResponseSchema,
  decode,
  type UploadImageComplete,
  UploadImageCompleteResponseSchema,
} from "@sifshelf/protocol";

import { discardBody } from "../http/read-body.js";
import { readJson, requestRoute } from "../http/request-json.js";
import type { UploadJob, UploadPlan } from "./upload-plan.js";

/** Completes a single upload. Libraries may send an empty reply; then the result is undefined. */
export async function completeSingleUpload(
  job: UploadJob,
): Promise<UploadImageComplete | undefined> {
  const { connection, imageId, signal } = job;
  const reply = await requestRoute(connection, {
    route: "completeUpload",
    params: { imageId },
    json: {},
    signal,
    replyTimeoutMs: connection.completionTimeoutMs,
  });
  if (reply.status === 204 || reply.headers.get("content-length") === "0") {
    await discardBody(reply);
    return undefined;
  }
  return readJson(
    reply,
    (json) => decode(UploadImageCompleteResponseSchema, json, "completion").data,
  );
}

/** Completes an upload in parts. */
export async function completeMultipartUpload(
  job: UploadJob,
  { uploadId }: UploadPlan,
  completedParts: readonly CompletedPart[],
): Promise<UploadImageComplete> {
  const { connection, imageId, signal } = job;
  const json = { uploadID: uploadId, completedParts };
  const reply = await requestRoute(connection, {
    route: "completeMultipartUpload",
    params: { imageId },
    json,
    signal,
    replyTimeoutMs: connection.completionTimeoutMs,
  });
  return readJson(
    reply,
    (body) => decode(CompleteMultipartUploadResponseSchema, body, "completion").data,
  );
}
