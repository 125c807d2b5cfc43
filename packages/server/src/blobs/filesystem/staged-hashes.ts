import type { SumName } from "../byte-sink.js";
import { sumOf } from "../byte-sink.js";
import type { HashLane, HashLanes } from "./hash-lanes.js";

const SHA256: readonly SumName[] = ["sha256"];
/** Bytes hashed per step; other uploads have their turn between steps. */
const STEP_BYTES = 8 * 1024 * 1024;
/** Most uploads hashed ahead. Of more, the oldest is hashed from its start on completion. */
const MAX_UPLOADS = 1000;

/**
 * SHA-256 of staged files, computed while their parts arrive: whatever has arrived without a gap
 * from the front is hashed in the background, so that little is left to do at the end. Kept in
 * memory; after a restart a file is hashed from its start.
 */
export interface StagedHashes {
  /**
   * Tells that a range of the file is on disk, and changes only after {@link forget}. Resolves once
   * everything that can be hashed is hashed. Never rejects.
   */
  arrived(uploadId: string, offset: number, length: number): Promise<void>;
  /** Discards the hash of an upload, because bytes that were hashed may change. */
  forget(uploadId: string): void;
  /** Returns the SHA-256 of the whole file in lower-case hex. Throws the system's error. */
  finish(uploadId: string): Promise<string>;
}

interface Upload {
  readonly id: number;
  readonly lane: HashLane;
  readonly path: string;
  /** End of the range at the front that has arrived without a gap. */
  front: number;
  /** How much of it is hashed. */
  hashed: number;
  /** Ends of ranges that have arrived beyond the front, by their start. */
  readonly ahead: Map<number, number>;
  isForgotten: boolean;
  /** Never rejects. */
  catchingUp: Promise<void> | undefined;
}

/** Creates the hashes of the files that `pathOf` names. */
export function createStagedHashes(
  pathOf: (uploadId: string) => string,
  lanes: HashLanes,
): StagedHashes {
  const uploads = new Map<string, Upload>();
  const forget = (uploadId: string, upload = uploads.get(uploadId)) => {
    // A late event of a forgotten upload does not concern the one that was begun after it.
    if (upload === undefined || upload.isForgotten) return;
    uploads.delete(uploadId);
    upload.isForgotten = true;
    upload.lane.thread.drop(upload.id);
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

/** Bytes that arrive again equal those before them, or the upload was forgotten. */
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
    const range = { path: upload.path, offset: upload.hashed, length, sums: SHA256 };
    const bytes = await upload.lane.thread.update(upload.id, range);
    if (bytes !== length) throw new Error("a staged file is shorter than what has arrived of it");
    upload.hashed += bytes;
  }
  upload.catchingUp = undefined;
}

async function hashRest(upload: Upload): Promise<string> {
  const { id, path, lane } = upload;
  for (;;) {
    const range = { path, offset: upload.hashed, length: STEP_BYTES, sums: SHA256 };
    const bytes = await lane.thread.update(id, range);
    upload.hashed += bytes;
    if (bytes < STEP_BYTES) return sumOf(await lane.thread.finish(id), "sha256");
  }
}
