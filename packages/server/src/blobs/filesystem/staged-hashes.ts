import type { SumName } from "../blob-store.js";
import { sumOf } from "../sum-of.js";
import type { HashLane, HashLanes } from "./hash-lanes.js";

const SHA256: readonly SumName[] = ["sha256"];
/** Bytes hashed at a step; between steps other uploads have their turn. */
const STEP_BYTES = 8 * 1024 * 1024;
/** Uploads whose hashes are kept up at a time; beyond, the oldest is hashed from its start when it is completed. */
const MAX_UPLOADS = 1000;

/**
 * SHA-256 of staged files, kept up with what arrives: the stretch at the front that is whole is hashed while the rest is still on
 * its way, so that little is left to do at the end. All of it is in memory; after a restart a file is hashed from its start.
 */
export interface StagedHashes {
  /**
   * These bytes are on disk and change only after {@link forget}. Resolves, and never rejects, once nothing is left that could be
   * hashed already.
   */
  arrived(uploadId: string, offset: number, length: number): Promise<void>;
  /** What was hashed of this upload may not be true any more. */
  forget(uploadId: string): void;
  /** SHA-256 of all of the file, lower-case hex. Throws what the system throws. */
  finish(uploadId: string): Promise<string>;
}

interface Upload {
  readonly id: number;
  readonly lane: HashLane;
  readonly path: string;
  /** End of the stretch at the front that has arrived, and how much of it is hashed. */
  front: number;
  hashed: number;
  /** Ends of stretches that have arrived ahead of the front, by their start. */
  readonly ahead: Map<number, number>;
  isForgotten: boolean;
  /** Never rejects. */
  catchingUp: Promise<void> | undefined;
}

/** Hashes of the files that `pathOf` names. */
export function createStagedHashes(
  pathOf: (uploadId: string) => string,
  lanes: HashLanes,
): StagedHashes {
  const uploads = new Map<string, Upload>();
  const forget = (uploadId: string, upload = uploads.get(uploadId)) => {
    // What comes late from an upload that was forgotten does not concern the one that has begun anew.
    if (upload === undefined || upload.isForgotten) return;
    uploads.delete(uploadId);
    upload.isForgotten = true;
    upload.lane.worker.drop(upload.id);
    upload.lane.leave();
  };
  const begin = (uploadId: string): Upload => {
    const [oldest] = uploads.keys();
    if (uploads.size >= MAX_UPLOADS && oldest !== undefined) forget(oldest);
    const lane = lanes.enter();
    const upload: Upload = {
      id: lane.nextId(),
      lane,
      path: pathOf(uploadId),
      front: 0,
      hashed: 0,
      ahead: new Map(),
      isForgotten: false,
      catchingUp: undefined,
    };
    uploads.set(uploadId, upload);
    return upload;
  };
  return {
    forget: (uploadId) => forget(uploadId),
    arrived(uploadId, offset, length) {
      const upload = uploads.get(uploadId) ?? begin(uploadId);
      moveFront(upload, offset, length);
      if (upload.catchingUp === undefined && upload.hashed < upload.front) {
        upload.catchingUp = catchUp(upload).catch(() => forget(uploadId, upload));
      }
      return upload.catchingUp ?? Promise.resolve();
    },
    async finish(uploadId) {
      const before = uploads.get(uploadId);
      await before?.catchingUp;
      const upload = uploads.get(uploadId) ?? begin(uploadId);
      try {
        return await hashRest(upload);
      } finally {
        forget(uploadId, upload);
      }
    },
  };
}

/** Bytes that arrive again are those of before, or the upload was forgotten. */
function moveFront(upload: Upload, offset: number, length: number): void {
  if (offset > upload.front) upload.ahead.set(offset, offset + length);
  else upload.front = Math.max(upload.front, offset + length);
  for (let end = upload.ahead.get(upload.front); end !== undefined;) {
    upload.ahead.delete(upload.front);
    upload.front = end;
    end = upload.ahead.get(upload.front);
  }
}

async function catchUp(upload: Upload): Promise<void> {
  while (upload.hashed < upload.front && !upload.isForgotten) {
    const length = Math.min(STEP_BYTES, upload.front - upload.hashed);
    const { path, hashed: offset } = upload;
    const bytes = await upload.lane.worker.update(upload.id, {
      path,
      offset,
      length,
      sums: SHA256,
    });
    if (bytes !== length) throw new Error("a staged file is shorter than what has arrived of it");
    upload.hashed += bytes;
  }
  upload.catchingUp = undefined;
}

async function hashRest(upload: Upload): Promise<string> {
  const { id, path, lane } = upload;
  for (;;) {
    const range = { path, offset: upload.hashed, length: STEP_BYTES, sums: SHA256 };
    const bytes = await lane.worker.update(id, range);
    upload.hashed += bytes;
    if (bytes < STEP_BYTES) return sumOf(await lane.worker.finish(id), "sha256");
  }
}
