import {
  bareEtag,
  type CompletedPart,
  CRC32_PART_SUM,
  decode,
  isCrc32PartToken,
  PART_SUM_HEADER,
  UploadImagePartResponseSchema,
} from "@sifshelf/protocol";

import { LibraryError } from "../errors/library-error.js";
import { hashRange } from "../hashing/hash-range.js";
import { withoutRetries } from "../http/connection.js";
import { redactText } from "../http/redact.js";
import { requestDone, requestJson } from "../http/request-json.js";
import { withRetries } from "../http/retry.js";
import { renewingOnce } from "../transfer/expired-url.js";
import { sourceBody } from "../transfer/source-body.js";
import { runPool } from "../transfer/task-pool.js";
import { storedPartToken } from "./open-multipart-upload.js";
import { sendToPresignedUrl } from "./presigned-upload.js";
import { createSentCrc32, type SentCrc32 } from "./sent-crc32.js";
import type { UploadJob, UploadPart, UploadPlan } from "./upload-plan.js";

/** Parallel parts to a library that takes them in any order: enough to fill most links. */
const PARALLEL_PARTS = 4;
/** The same for images of many parts, whose push justifies more connections. */
const MANY_PARALLEL_PARTS = 8;
/** Number of parts from which {@link MANY_PARALLEL_PARTS} applies. */
const MANY_PARTS = 32;

/**
 * Time allowed to abort an upload, in milliseconds: it must not delay the report of the failure.
 */
const ABORT_TIMEOUT_MS = 10_000;

/** What a library supports for the parts of an upload. */
export interface PartFeatures {
  /**
   * Whether it takes them in any order and in parallel. Others expect them one by one, as the Go
   * client sends them.
   */
  readonly parallelParts: boolean;
  /** Whether it tells which ones have arrived. */
  readonly resumableUploads: boolean;
  /** Whether it returns the CRC-32 of a part. */
  readonly partCrc32: boolean;
}

/** Sends the parts that the library lacks. Returns the tokens that complete all parts, in order. */
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

/** A part that failed may have arrived nevertheless: ask the library before sending it again. */
async function sendPart(sending: PartSending): Promise<string> {
  const { job, plan, part, features, onSent } = sending;
  const { source, signal } = job;
  const crc32 = plan.hashParts ? crc32For(sending) : undefined;
  const isHashed = plan.hashParts && crc32 === undefined;
  const sha256 = isHashed ? await hashRange(source, part, signal) : "";
  const once = { ...job, connection: withoutRetries(job.connection) };
  const attempt = { ...sending, job: once, sha256, crc32, renewing: renewingOnce() };
  return withRetries(job.connection, signal, async ({ number, reached }) => {
    if (number > 1 && features.resumableUploads) {
      const token = await storedPartToken(once, plan.uploadId, part.partNumber);
      if (token !== undefined && isAsSent(attempt, token)) return token;
    }
    return sendPartOnce(attempt, (bytes) => {
      reached(bytes);
      onSent(part, bytes);
    });
  });
}

/**
 * To compare with the library's reply. Cheaper than announcing a SHA-256, for which a part is read
 * twice; the SHA-256 of the whole is verified in any case. A browser's blobs are sent without being
 * read here.
 */
function crc32For({ job, features }: PartSending): SentCrc32 | undefined {
  return features.partCrc32 && job.source.slice === undefined ? createSentCrc32() : undefined;
}

/**
 * Whether a part with this token has the bytes that were sent, as far as can be told: proxies
 * weaken or drop ETags, and an older server beside a newer one returns no CRC-32.
 */
function isAsSent({ crc32, part }: PartAttempt, token: string): boolean {
  const etag = bareEtag(token);
  if (crc32 === undefined || !isCrc32PartToken(etag)) return true;
  return crc32.token(part.length) === etag;
}

interface PartAttempt extends PartSending {
  /** Lower-case hex; empty if it is not announced. */
  readonly sha256: string;
  readonly crc32: SentCrc32 | undefined;
  readonly renewing: ReturnType<typeof renewingOnce>;
}

async function sendPartOnce(
  attempt: PartAttempt,
  onSent: (bytes: number) => void,
): Promise<string> {
  const { job, plan, part, sha256, crc32, renewing } = attempt;
  const { connection, imageId, source, signal } = job;
  const { partNumber, length: partSize } = part;
  const json = { partSize, uploadID: plan.uploadId, partNumber, sha256sum: sha256 };
  const { presignedURL: uploadUrl } = await requestJson(
    connection,
    { route: "requestUploadPart", params: { imageId }, json, signal },
    (reply) => decode(UploadImagePartResponseSchema, reply, "upload part").data,
  );
  const body = sourceBody(source, part, { signal, onSent, onBytes: crc32?.begin() });
  const headers = sumHeaders(attempt);
  const sending = sendToPresignedUrl(connection, { uploadUrl, body, headers, signal });
  const token = await renewing(sending);
  if (!isAsSent(attempt, token)) throw arrivedChanged(attempt, token);
  return token;
}

function sumHeaders({ sha256, crc32 }: PartAttempt): Readonly<Record<string, string>> {
  if (crc32 !== undefined) return { [PART_SUM_HEADER]: CRC32_PART_SUM };
  return sha256 === "" ? {} : { "x-amz-content-sha256": sha256 };
}

function arrivedChanged({ part, crc32 }: PartAttempt, token: string): LibraryError {
  const expected = crc32?.token(part.length);
  const actual = bareEtag(token);
  return new LibraryError(
    "integrity",
    `part ${part.partNumber} of the image arrived damaged at the library`,
    { expected, actual, retryable: true },
  );
}

/**
 * Aborts an upload, whatever the state of the caller's signal. A failure is only logged, because
 * the first one matters.
 */
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
