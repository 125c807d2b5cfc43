import { type CompletedPart, decode, UploadImagePartResponseSchema } from "@sifshelf/protocol";

import { withoutRetries } from "../http/connection.js";
import { redactText } from "../http/redact.js";
import { requestDone, requestJson } from "../http/request-json.js";
import { withRetries } from "../http/retry.js";
import { renewingOnce } from "./expired-url.js";
import { hashRange } from "./hash-source.js";
import { storedPartToken } from "./open-multipart-upload.js";
import { sendToPresignedUrl } from "./send-upload.js";
import { sourceBody } from "./source-stream.js";
import { runPool } from "./task-pool.js";
import type { UploadJob } from "./upload-job.js";
import type { UploadPart, UploadPlan } from "./upload-plan.js";

/** Parts sent at a time to a library that takes them in any order: enough to fill most links. */
const PARALLEL_PARTS = 4;
/** The same for images of many parts, whose push is worth more connections. */
const MANY_PARALLEL_PARTS = 8;
/** From so many parts on there are {@link MANY_PARALLEL_PARTS}. */
const MANY_PARTS = 32;

/** How long giving an upload up may take, in milliseconds: it must not hold back the report of what failed. */
const ABORT_TIMEOUT_MS = 10_000;

/** What a library can do with the parts of an upload. */
export interface PartFeatures {
  /** Whether it takes them in any order, several at a time. Others expect them one by one, as the Go client sends them. */
  readonly parallelParts: boolean;
  /** Whether it says which ones have arrived. */
  readonly resumableUploads: boolean;
}

/** Sends the parts that the library does not have; what all are completed with, in order. */
export async function sendParts(
  job: UploadJob,
  plan: UploadPlan,
  features: PartFeatures,
): Promise<CompletedPart[]> {
  const tokens = new Map(plan.stored);
  const onSent = partProgress(job, plan);
  const missing = plan.parts.filter(({ partNumber }) => !tokens.has(partNumber));
  const many = plan.parts.length >= MANY_PARTS ? MANY_PARALLEL_PARTS : PARALLEL_PARTS;
  const allowed = Math.min(many, job.connection.parallelRequests);
  const options = { concurrency: features.parallelParts ? allowed : 1, signal: job.signal };
  await runPool(missing, options, async (part, signal) => {
    const sending = { job: { ...job, signal }, plan, part, features, onSent };
    tokens.set(part.partNumber, await sendPart(sending));
  });
  return plan.parts.map(({ partNumber }) => ({ partNumber, token: tokens.get(partNumber) ?? "" }));
}

type OnSent = (part: UploadPart, bytes: number) => void;

/** Bytes that are sent again do not count again. */
function partProgress({ meter }: UploadJob, { parts, stored }: UploadPlan): OnSent {
  const sentBytes = new Map<number, number>();
  let totalBytes = 0;
  const onSent: OnSent = ({ partNumber }, bytes) => {
    const before = sentBytes.get(partNumber) ?? 0;
    if (bytes <= before) return;
    sentBytes.set(partNumber, bytes);
    totalBytes += bytes - before;
    meter.reach(totalBytes);
  };
  for (const part of parts) {
    if (stored.has(part.partNumber)) onSent(part, part.length);
  }
  return onSent;
}

interface PartSending {
  readonly job: UploadJob;
  readonly plan: UploadPlan;
  readonly part: UploadPart;
  readonly features: PartFeatures;
  readonly onSent: OnSent;
}

/** A part that failed may have arrived all the same: the library is asked before it is sent again. */
async function sendPart(sending: PartSending): Promise<string> {
  const { job, plan, part, features, onSent } = sending;
  const { source, signal } = job;
  const sha256 = plan.hashParts ? await hashRange(source, part, signal) : "";
  const once = { ...job, connection: withoutRetries(job.connection) };
  const attempt = { ...sending, job: once, sha256, renewing: renewingOnce() };
  return withRetries(job.connection, signal, async ({ number, reached }) => {
    if (number > 1 && features.resumableUploads) {
      const token = await storedPartToken(once, plan.uploadId, part.partNumber);
      if (token !== undefined) return token;
    }
    return sendPartOnce(attempt, (bytes) => {
      reached(bytes);
      onSent(part, bytes);
    });
  });
}

interface PartAttempt extends PartSending {
  readonly sha256: string;
  readonly renewing: ReturnType<typeof renewingOnce>;
}

async function sendPartOnce(
  { job, plan, part, sha256, renewing }: PartAttempt,
  onSent: (bytes: number) => void,
): Promise<string> {
  const { connection, imageId, source, signal } = job;
  const { partNumber, length: partSize } = part;
  const json = { partSize, uploadID: plan.uploadId, partNumber, sha256sum: sha256 };
  const { presignedURL: uploadUrl } = await requestJson(
    connection,
    { route: "requestUploadPart", params: { imageId }, json, signal },
    (reply) => decode(UploadImagePartResponseSchema, reply, "upload part").data,
  );
  const body = sourceBody(source, part, signal, onSent);
  const headers = plan.hashParts ? { "x-amz-content-sha256": sha256 } : {};
  return renewing(sendToPresignedUrl(connection, { uploadUrl, body, headers, signal }));
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
