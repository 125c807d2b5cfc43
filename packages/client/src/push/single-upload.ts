import { decode, UploadImageResponseSchema } from "@sifshelf/protocol";

import { withoutRetries } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import { withRetries } from "../http/retry.js";
import { renewingOnce } from "../transfer/expired-url.js";
import { sourceBody } from "../transfer/source-body.js";
import { isContentHashSigned, sendToPresignedUrl } from "./presigned-upload.js";
import type { UploadJob } from "./upload-plan.js";

/**
 * Sends an image in one request to a URL that the library names, and again from the start after
 * transient errors. The upload still has to be completed.
 */
export async function sendSingleUpload(job: UploadJob): Promise<void> {
  const once = { ...job, connection: withoutRetries(job.connection) };
  const renewing = renewingOnce();
  await withRetries(job.connection, job.signal, async ({ reached }) => {
    const uploadUrl = await startUpload(once);
    const onSent = (bytes: number) => {
      reached(bytes);
      job.meter.reach(bytes);
    };
    await renewing(sendWhole(once, uploadUrl, onSent));
  });
}

async function startUpload(job: UploadJob): Promise<string> {
  const { connection, imageId, source, sha256, signal } = job;
  const json = { filesize: source.size, sha256sum: sha256 };
  const { uploadURL: uploadUrl } = await requestJson(
    connection,
    { route: "startUpload", params: { imageId }, json, signal },
    (reply) => decode(UploadImageResponseSchema, reply, "upload").data,
  );
  return uploadUrl;
}

async function sendWhole(
  { connection, source, sha256, signal }: UploadJob,
  uploadUrl: string,
  onSent: (bytes: number) => void,
): Promise<void> {
  await sendToPresignedUrl(connection, {
    uploadUrl,
    body: sourceBody(source, { offset: 0, length: source.size }, { signal, onSent }),
    headers: {
      "content-type": "application/octet-stream",
      ...(isContentHashSigned(uploadUrl) ? { "x-amz-content-sha256": sha256 } : {}),
    },
    signal,
  });
}
