import { MULTIPART_THRESHOLD_BYTES } from "@sifshelf/protocol";

import { isLibraryError, type LibraryErrorCode } from "../errors/library-error.js";
import type { LibraryFeatures } from "../operations/version.js";
import { completeMultipartUpload, completeSingleUpload } from "./complete-upload.js";
import { abortMultipartUpload, sendParts } from "./multipart-upload.js";
import { findMultipartUpload, startMultipartUpload } from "./open-multipart-upload.js";
import { type Completion, isDoubtful, isUploaded, settleCompletion } from "./settle-completion.js";
import { sendSingleUpload } from "./single-upload.js";
import type { UploadJob, UploadPlan } from "./upload-plan.js";
import { uploadV1 } from "./upload-v1.js";

/** After these errors, an upload is of no use to a later push either. */
const HOPELESS: ReadonlySet<LibraryErrorCode> = new Set([
  "source-changed",
  "digest-mismatch",
  "size-mismatch",
  "not-a-sif",
  "too-large",
]);

/** After these errors, parts from an earlier push may be at fault: a new upload may succeed. */
const BLAMED_ON_STORED_PARTS: ReadonlySet<LibraryErrorCode> = new Set([
  "digest-mismatch",
  "size-mismatch",
  "bad-request",
  "conflict",
]);

/**
 * Sends the bytes of an image into the container that `path` names, as the library's version
 * requires.
 */
export async function uploadBytes(
  job: UploadJob,
  path: string,
  features: LibraryFeatures,
): Promise<Completion> {
  const { source } = job;
  if (!features.v2Upload) {
    await settleCompletion(job, path, async (once) => {
      await uploadV1(once);
      return undefined;
    });
    await source.assertUnchanged?.();
    return undefined;
  }
  const plan =
    source.size > MULTIPART_THRESHOLD_BYTES ? await openUpload(job, features) : undefined;
  if (plan !== undefined) return uploadInParts({ job, path, features }, plan);
  await sendSingleUpload(job);
  await source.assertUnchanged?.();
  return settleCompletion(job, path, completeSingleUpload);
}

async function openUpload(
  job: UploadJob,
  { resumableUploads }: LibraryFeatures,
): Promise<UploadPlan | undefined> {
  const found = resumableUploads ? await findMultipartUpload(job) : undefined;
  if (found === undefined) return startMultipartUpload(job);
  job.connection.logger.info?.("continuing an upload that was started before", {
    imageId: job.imageId,
    partsStored: found.stored.size,
    partsTotal: found.parts.length,
  });
  return found;
}

interface PartsUpload {
  readonly job: UploadJob;
  readonly path: string;
  readonly features: LibraryFeatures;
}

/**
 * An upload that turns out to be closed, or whose stored parts may be at fault, is replaced with a
 * new one, once.
 */
async function uploadInParts(upload: PartsUpload, plan: UploadPlan): Promise<Completion> {
  const { job, path, features } = upload;
  try {
    return await sendAndComplete(upload, plan);
  } catch (error) {
    if (!features.resumableUploads || !isWorthNewUpload(plan, error)) throw error;
    if (await isUploaded(job, path, job.connection)) return undefined;
    const fresh = await startMultipartUpload(job);
    if (fresh === undefined) throw error;
    return sendAndComplete(upload, fresh);
  }
}

function isWorthNewUpload({ stored }: UploadPlan, error: unknown): boolean {
  if (!isLibraryError(error)) return false;
  if (error.code === "upload-closed") return true;
  return stored.size > 0 && BLAMED_ON_STORED_PARTS.has(error.code);
}

async function sendAndComplete(upload: PartsUpload, plan: UploadPlan): Promise<Completion> {
  const { job, path, features } = upload;
  const send = async () => {
    const parts = await sendParts(job, plan, features);
    await job.source.assertUnchanged?.();
    return parts;
  };
  const parts = await send().catch((error: unknown) => giveUp(upload, plan, error));
  const complete = (once: UploadJob) => completeMultipartUpload(once, plan, parts);
  return settleCompletion(job, path, complete).catch((error: unknown) =>
    // An upload whose completion is doubtful is left alone: the library may be working on it.
    isDoubtful(job, error) ? Promise.reject(error) : giveUp(upload, plan, error),
  );
}

/**
 * Where the library can report what has arrived, it is kept for the next push of the same image,
 * whether the push failed or was interrupted; the library removes it eventually. Elsewhere it would
 * only waste space.
 */
async function giveUp(
  { job, features }: PartsUpload,
  plan: UploadPlan,
  error: unknown,
): Promise<never> {
  const isHopeless = isLibraryError(error) && HOPELESS.has(error.code);
  const isBlamed = plan.stored.size > 0 && isWorthNewUpload(plan, error);
  if (!features.resumableUploads || isHopeless || isBlamed) await abortMultipartUpload(job, plan);
  throw error;
}
