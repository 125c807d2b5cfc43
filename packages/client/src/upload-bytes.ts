import {
  MULTIPART_THRESHOLD_BYTES,
  imageHashOfDigest,
  digestOfSha256Hex,
  type UploadImageComplete,
} from "@sifshelf/protocol";

import { isLibraryError, type LibraryErrorCode } from "./errors.js";
import { getImage } from "./images.js";
import { completeMultipartUpload, completeSingleUpload } from "./transfer/complete-upload.js";
import {
  abortMultipartUpload,
  sendParts,
  startMultipartUpload,
} from "./transfer/multipart-upload.js";
import { sendSingleUpload } from "./transfer/single-upload.js";
import type { UploadJob } from "./transfer/upload-job.js";
import type { UploadPlan } from "./transfer/upload-plan.js";
import { uploadV1 } from "./transfer/upload-v1.js";
import type { LibraryFeatures } from "./version.js";

/** What the library says of a completed upload, if anything. */
type Completion = UploadImageComplete | undefined;

/** After these the library may have completed the upload all the same. */
const DOUBTFUL: ReadonlySet<LibraryErrorCode> = new Set([
  "network",
  "timeout",
  "protocol",
  "request-timeout",
  "internal",
  "unavailable",
]);

/** Sends the bytes of an image into the container that `path` names, the way the library's version takes them. */
export async function uploadBytes(
  job: UploadJob,
  path: string,
  { v2Upload }: LibraryFeatures,
): Promise<Completion> {
  const { source } = job;
  if (!v2Upload) {
    await settle(job, path, async () => {
      await uploadV1(job);
      return undefined;
    });
    await source.assertUnchanged?.();
    return undefined;
  }
  const plan =
    source.size > MULTIPART_THRESHOLD_BYTES ? await startMultipartUpload(job) : undefined;
  if (plan !== undefined) return uploadInParts(job, path, plan);
  await sendSingleUpload(job);
  await source.assertUnchanged?.();
  return settle(job, path, () => completeSingleUpload(job));
}

async function uploadInParts(job: UploadJob, path: string, plan: UploadPlan): Promise<Completion> {
  const giveUp = async (error: unknown) => {
    await abortMultipartUpload(job, plan);
    throw error;
  };
  const send = async () => {
    const parts = await sendParts(job, plan);
    await job.source.assertUnchanged?.();
    return parts;
  };
  const parts = await send().catch(giveUp);
  const complete = () => completeMultipartUpload(job, plan, parts);
  return settle(job, path, complete).catch((error: unknown) =>
    // An upload whose completion is in doubt is left alone: the library may be at it.
    isDoubtful(job, error) ? Promise.reject(error) : giveUp(error),
  );
}

/** A completion whose outcome is in doubt is settled by asking whether the image is there. */
async function settle(
  job: UploadJob,
  path: string,
  complete: () => Promise<Completion>,
): Promise<Completion> {
  try {
    return await complete();
  } catch (error) {
    if (!isDoubtful(job, error) || !(await isUploaded(job, path))) throw error;
    job.connection.logger.info?.("the library has the image although the answer was lost", {
      imageId: job.imageId,
    });
    return undefined;
  }
}

function isDoubtful({ signal }: UploadJob, error: unknown): boolean {
  return signal?.aborted === true || (isLibraryError(error) && DOUBTFUL.has(error.code));
}

async function isUploaded(job: UploadJob, path: string): Promise<boolean> {
  const { connection, sha256, source, signal } = job;
  const hash = imageHashOfDigest(digestOfSha256Hex(sha256));
  try {
    const image = await getImage(connection, `${path}:${hash}`, { signal });
    const isWhole = image.size === source.size || image.size === 0;
    return image.uploaded && image.hash === hash && isWhole;
  } catch {
    // What failed first is what the caller should hear of.
    signal?.throwIfAborted();
    return false;
  }
}
