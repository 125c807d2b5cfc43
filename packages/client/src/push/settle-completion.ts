import { digestOfSha256Hex, imageHashOfDigest, type UploadImageComplete } from "@sifshelf/protocol";

import { linkedAbort } from "../platform/abort.js";
import { isLibraryError, type LibraryErrorCode } from "../errors/library-error.js";
import { type Connection, withoutRetries } from "../http/connection.js";
import { withRetries } from "../http/retry.js";
import { getImage } from "../operations/images.js";
import type { UploadJob } from "./upload-plan.js";

/** The library's report of a completed upload, if any. */
export type Completion = UploadImageComplete | undefined;

/**
 * After these errors, the library may have completed the upload nevertheless; after the last one,
 * another client may have.
 */
const DOUBTFUL: ReadonlySet<LibraryErrorCode> = new Set([
  "network",
  "timeout",
  "protocol",
  "request-timeout",
  "internal",
  "unavailable",
  "upload-closed",
]);

/** Whether the upload may be complete despite this error. */
export function isDoubtful({ signal }: UploadJob, error: unknown): boolean {
  return signal?.aborted === true || (isLibraryError(error) && DOUBTFUL.has(error.code));
}

/**
 * Completes an upload. A doubtful outcome is settled by asking whether the image exists, before
 * each retry and after the last one.
 */
export async function settleCompletion(
  job: UploadJob,
  path: string,
  complete: (job: UploadJob) => Promise<Completion>,
): Promise<Completion> {
  const once = { ...job, connection: withoutRetries(job.connection) };
  let isInDoubt = false;
  try {
    return await withRetries(job.connection, job.signal, async () => {
      if (isInDoubt && (await isUploaded(job, path, once.connection))) return undefined;
      return completeOrSee(once, path, complete).catch((error: unknown) => {
        isInDoubt ||= isDoubtful(job, error);
        throw error;
      });
    });
  } catch (error) {
    job.signal?.throwIfAborted();
    if (isInDoubt && (await isUploaded(job, path, job.connection))) return undefined;
    throw error;
  }
}

/** How often to ask whether the image exists while the reply to a completion is awaited. */
const MIN_ASKS = 30;

/** Longest interval between these requests, in milliseconds. */
const MAX_ASK_INTERVAL_MS = 30_000;

/**
 * Completes an upload. Until the reply arrives, asks the library now and then whether it has the
 * image: on a connection that was silently dropped meanwhile, for instance by a router, the reply
 * would never arrive.
 */
async function completeOrSee(
  job: UploadJob,
  path: string,
  complete: (job: UploadJob) => Promise<Completion>,
): Promise<Completion> {
  const stop = linkedAbort(job.signal);
  const state = { isAsking: false, isSeen: false };
  const ask = async () => {
    if (state.isAsking || state.isSeen) return;
    state.isAsking = true;
    state.isSeen = await isUploaded(job, path, job.connection);
    state.isAsking = false;
    if (state.isSeen) stop.abort();
  };
  const everyMs = Math.min(MAX_ASK_INTERVAL_MS, job.connection.completionTimeoutMs / MIN_ASKS);
  // It rejects only once the push is aborted.
  const asking = setInterval(() => void ask().catch(() => {}), everyMs);
  try {
    return await complete({ ...job, signal: stop.signal });
  } catch (error) {
    if (state.isSeen && job.signal?.aborted !== true) return undefined;
    throw error;
  } finally {
    clearInterval(asking);
    stop.unlink();
  }
}

/**
 * Whether the library has the complete image. If that cannot be determined, the result is false.
 */
export async function isUploaded(
  { sha256, source, signal, imageId }: UploadJob,
  path: string,
  connection: Connection,
): Promise<boolean> {
  const hash = imageHashOfDigest(digestOfSha256Hex(sha256));
  try {
    const image = await getImage(connection, `${path}:${hash}`, { signal });
    const isWhole = image.size === source.size || image.size === 0;
    const isThere = image.uploaded && image.hash === hash && isWhole;
    if (isThere) connection.logger.info?.("the library has the image", { imageId });
    return isThere;
  } catch {
    // The caller should hear of the first failure.
    signal?.throwIfAborted();
    return false;
  }
}
