import {
  DEFAULT_TAG,
  type Image,
  type QuotaResponse,
  type UploadImageComplete,
} from "@sifshelf/protocol";

import { optionError } from "../errors/library-error.js";
import { imageHash } from "../hashing/image-hash.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import { checkArch } from "../operations/image-ref.js";
import { refNames } from "../operations/names-and-ids.js";
import {
  type ArchTagAssignment,
  checkTags,
  getArchTags,
  getTags,
  setArchTags,
  setTags,
  setTagsAtOnce,
} from "../operations/tags.js";
import { libraryFeatures, type VersionQuery } from "../operations/version.js";
import { type ByteSourceLike, toByteSource } from "../transfer/byte-source.js";
import { metered, type ProgressListener, type ProgressMeter } from "../transfer/progress.js";
import { together } from "../transfer/task-pool.js";
import { findOrCreateContainer, findOrCreateImage } from "./push-target.js";
import { uploadBytes } from "./upload-bytes.js";
import type { UploadJob } from "./upload-plan.js";

/** How an image is pushed. */
export interface UploadImageOptions extends RequestOptions {
  /** Go name of the image's arch (`amd64`). The tags are set for it. */
  readonly arch: string;
  /** Tags to set, default `["latest"]`; an empty list sets none. */
  readonly tags?: readonly string[] | undefined;
  /** Description of the image. Default: empty. */
  readonly description?: string | undefined;
  /**
   * `true` creates the container as private, and rejects the push with `conflict` when it exists
   * and is public. An extension that other libraries may ignore; then nothing is sent either.
   */
  readonly private?: boolean | undefined;
  readonly progress?: ProgressListener | undefined;
}

/** The result of a push (Go: `UploadImageComplete`, and more). */
export interface UploadedImage {
  readonly image: Image;
  /** Whether bytes were sent; false when the library already had them. */
  readonly uploaded: boolean;
  /** The tags that were set. */
  readonly tags: readonly string[];
  /** Storage used and allowed. Only when bytes were sent and the library reported it. */
  readonly quota?: QuotaResponse;
  /**
   * Path of the container's page on the library's site. Only when bytes were sent and the library
   * reported it.
   */
  readonly containerUrl?: string;
}

/** The library to push to. */
export interface PushConnection {
  readonly connection: Connection;
  readonly version: VersionQuery;
}

/** One push. */
export interface Push {
  readonly source: ByteSourceLike;
  /** `entity/collection/container`. */
  readonly path: string;
  readonly options: UploadImageOptions;
}

/**
 * Pushes an image (Go: `UploadImage`): reads it once to hash it, finds or creates what `path`
 * names, sends the bytes as the library's version requires unless it has them, and sets the tags.
 *
 * @throws LibraryError by the library's status; `conflict`, `source-changed`, `option-not-valid`,
 *   `tag-not-valid`; RefError when `path` is not three names.
 */
export async function uploadImage(library: PushConnection, push: Push): Promise<UploadedImage> {
  checkPush(push);
  return metered(push.options.progress, (meter) => pushImage(library, push, meter));
}

/** Detects what is wrong without the library before the file is read. */
function checkPush({ source, path, options }: Push): void {
  const { arch, tags = [] }: Partial<UploadImageOptions> = options ?? {};
  toByteSource(source);
  refNames(path, 3);
  if (arch === undefined || arch === "")
    throw optionError("arch is missing: name the arch of the image");
  checkArch(arch);
  checkTags(tags);
}

async function pushImage(
  { connection: library, version }: PushConnection,
  push: Push,
  meter: ProgressMeter,
): Promise<UploadedImage> {
  const connection = { ...library, onRetry: meter.retried };
  const { arch, description, signal, private: isPrivate } = push.options;
  const path = refNames(push.path, 3).join("/");
  const source = toByteSource(push.source);
  meter.begin("hash", source.size);
  const progress = ({ bytesDone }: { readonly bytesDone: number }) => meter.reach(bytesDone);
  // The requests run while the file is hashed, so that a missing permission is reported at once and
  // not after a large file was read.
  const [hash, container] = await together(signal, (stop) => [
    imageHash(source, { signal: stop, progress }),
    findOrCreateContainer(connection, path, { signal: stop, private: isPrivate }),
  ]);
  const target = { path, container, hash, arch, description };
  const image = await findOrCreateImage(connection, target, { signal });
  const sha256 = hash.slice("sha256.".length);
  const job: UploadJob = { connection, imageId: image.id, source, sha256, meter, signal };
  const sent = image.uploaded ? undefined : await sendImage(job, { path, version });
  const tags = checkTags(push.options.tags ?? [DEFAULT_TAG]);
  await assignTags(
    { connection, version },
    container.id,
    { arch, imageId: image.id, tags },
    signal,
  );
  return uploadedImage({ ...image, uploaded: true, size: source.size }, tags, sent);
}

/** What the library reported about the bytes that were sent, if anything. */
interface Sent {
  readonly completion: UploadImageComplete | undefined;
}

async function sendImage(
  job: UploadJob,
  { path, version }: { path: string; version: VersionQuery },
): Promise<Sent> {
  const features = await libraryFeatures(version, { signal: job.signal });
  job.meter.begin("transfer", job.source.size);
  return { completion: await uploadBytes(job, path, features) };
}

function uploadedImage(
  image: Image,
  tags: readonly string[],
  sent: Sent | undefined,
): UploadedImage {
  const base = { image, uploaded: sent !== undefined, tags };
  if (sent?.completion === undefined) return base;
  const { quota, containerUrl } = sent.completion;
  // Libraries send an empty URL when they have nothing to report.
  return containerUrl === "" ? base : { ...base, quota, containerUrl };
}

async function assignTags(
  { connection, version }: PushConnection,
  containerId: string,
  assignment: ArchTagAssignment,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (assignment.tags.length === 0) return;
  const { archTags, atomicTags } = await libraryFeatures(version, { signal });
  if (atomicTags) return setTagsAtOnce(connection, containerId, assignment, { signal });
  if (archTags) {
    await logReplaced(connection, assignment, async () => {
      const tags = await getArchTags(connection, containerId, { signal });
      return tags[assignment.arch] ?? {};
    });
    return setArchTags(connection, containerId, assignment, { signal });
  }
  await logReplaced(connection, assignment, () => getTags(connection, containerId, { signal }));
  return setTags(connection, containerId, assignment, { signal });
}

/** Like the Go client, reads the tags before it sets them, to log which ones move. */
async function logReplaced(
  { logger }: Connection,
  { tags, imageId }: ArchTagAssignment,
  list: () => Promise<Readonly<Record<string, string>>>,
): Promise<void> {
  const before = new Map(Object.entries(await list()));
  for (const tag of tags) {
    const replaced = before.get(tag);
    if (replaced !== undefined && replaced !== imageId) {
      logger.info?.("tag moves from another image", { tag, from: replaced, to: imageId });
    }
  }
}
