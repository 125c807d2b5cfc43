import {
  type CompletedPart,
  decode,
  MultipartUploadStartResponseSchema,
  UploadImagePartResponseSchema,
} from "@sifshelf/protocol";

import { isNotFound } from "../errors.js";
import { redactText } from "../http/redact.js";
import { requestDone, requestJson } from "../http/request-json.js";
import { hashRange } from "./hash-source.js";
import { sendToPresignedUrl } from "./send-upload.js";
import { sourceBody } from "./source-stream.js";
import { runPool } from "./task-pool.js";
import type { UploadJob } from "./upload-job.js";
import { type UploadPart, type UploadPlan, uploadPlan } from "./upload-plan.js";

/** Parts sent at a time. One, until parts can be sent again: libraries for Go clients expect them in order. */
const PART_CONCURRENCY = 1;

/** How long giving an upload up may take, in milliseconds: it must not hold back the report of what failed. */
const ABORT_TIMEOUT_MS = 10_000;

/** Opens an upload in parts; undefined when the library has none, which it says by 404. */
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

/** Sends all parts; what they are completed with, in order. */
export async function sendParts(job: UploadJob, plan: UploadPlan): Promise<CompletedPart[]> {
  const tokens = new Map<number, string>();
  const sentBytes = new Map<number, number>();
  const onSent = (partNumber: number, bytes: number) => {
    const before = sentBytes.get(partNumber) ?? 0;
    if (bytes <= before) return;
    sentBytes.set(partNumber, bytes);
    job.meter.advance(bytes - before);
  };
  const options = { concurrency: PART_CONCURRENCY, signal: job.signal };
  await runPool(plan.parts, options, async (part, signal) => {
    const progress = (bytes: number) => onSent(part.partNumber, bytes);
    tokens.set(part.partNumber, await sendPart({ ...job, signal }, plan, part, progress));
  });
  return plan.parts.map(({ partNumber }) => ({ partNumber, token: tokens.get(partNumber) ?? "" }));
}

async function sendPart(
  job: UploadJob,
  { uploadId, hashParts }: UploadPlan,
  part: UploadPart,
  onSent: (bytes: number) => void,
): Promise<string> {
  const { connection, imageId, source, signal } = job;
  const sha256 = hashParts ? await hashRange(source, part, signal) : "";
  const { partNumber, length: partSize } = part;
  const json = { partSize, uploadID: uploadId, partNumber, sha256sum: sha256 };
  const { presignedURL: uploadUrl } = await requestJson(
    connection,
    { route: "requestUploadPart", params: { imageId }, json, signal },
    (reply) => decode(UploadImagePartResponseSchema, reply, "upload part").data,
  );
  return sendToPresignedUrl(connection, {
    uploadUrl,
    body: sourceBody(source, part, signal, onSent),
    headers: hashParts ? { "x-amz-content-sha256": sha256 } : {},
    signal,
  });
}

/** Gives an upload up, whatever happened to the caller's signal. A failure is only logged: the first one matters. */
export async function abortMultipartUpload(
  { connection, imageId }: UploadJob,
  { uploadId }: UploadPlan,
): Promise<void> {
  const signal = AbortSignal.timeout(ABORT_TIMEOUT_MS);
  const json = { uploadID: uploadId };
  const call = { route: "abortMultipartUpload", params: { imageId }, json, signal } as const;
  await requestDone(connection, call).catch((error: unknown) => {
    const message = error instanceof Error ? redactText(error.message, connection.token()) : "";
    connection.logger.warn?.("could not abort the upload", { imageId, message });
  });
}
