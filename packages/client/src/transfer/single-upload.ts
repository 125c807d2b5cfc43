import { decode, UploadImageResponseSchema } from "@sifshelf/protocol";

import { withoutRetries } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import { withRetries } from "../http/retry.js";
import { isContentHashSigned, sendToPresignedUrl } from "./send-upload.js";
import { sourceBody } from "./source-stream.js";
import type { UploadJob } from "./upload-job.js";

/**
 * Sends an image in one request to a URL that the library names, and again from the start after faults that may pass.
 * The upload is still to be completed.
 */
export async function sendSingleUpload(job: UploadJob): Promise<void> {
  const once = { ...job, connection: withoutRetries(job.connection) };
  await withRetries(job.connection, job.signal, ({ reached }) =>
    sendWhole(once, (bytes) => {
      reached(bytes);
      job.meter.reach(bytes);
    }),
  );
}

async function sendWhole(job: UploadJob, onSent: (bytes: number) => void): Promise<void> {
  const { connection, imageId, source, sha256, signal } = job;
  const json = { filesize: source.size, sha256sum: sha256 };
  const { uploadURL: uploadUrl } = await requestJson(
    connection,
    { route: "startUpload", params: { imageId }, json, signal },
    (reply) => decode(UploadImageResponseSchema, reply, "upload").data,
  );
  await sendToPresignedUrl(connection, {
    uploadUrl,
    body: sourceBody(source, { offset: 0, length: source.size }, signal, onSent),
    headers: {
      "content-type": "application/octet-stream",
      ...(isContentHashSigned(uploadUrl) ? { "x-amz-content-sha256": sha256 } : {}),
    },
    signal,
  });
}
