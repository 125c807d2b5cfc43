import { randomUUID } from "node:crypto";

import type { SumName } from "../byte-sink.js";
import type { StoredPart } from "../part-ledger.js";
import type { PartToReceive, UploadRef } from "../upload-target.js";
import { type StagedAttempt, openStagedAttempt } from "./staged-files.js";
import type { Staging } from "./staging.js";
import { withStagingFaults } from "./storage-fault.js";

/**
 * Receives an upload whose only part is the whole file. Senders at the same time each write a file
 * of their own, and one that fails leaves the others as they were.
 */
export async function receiveWhole(
  staging: Staging,
  upload: UploadRef,
  { partNumber, body, sums, accept, onProgress }: PartToReceive,
): Promise<StoredPart> {
  const { sizeBytes } = upload;
  const attempt = await openAttempt(staging, upload, sums);
  try {
    const etag = accept(await body.receiveInto(attempt, { sizeBytes, onProgress }));
    const part = { partNumber, sizeBytes, etag };
    // Not while the file that this one replaces is being published.
    const release = await staging.turns.take(upload.id);
    try {
      await attempt.keepAsWhole();
      await staging.parts.put(upload.id, part);
    } finally {
      release();
    }
    return part;
  } finally {
    await attempt.discard();
  }
}

/** Opens a new file for bytes of an upload. */
export function openAttempt(
  { paths, lanes, flusher }: Staging,
  { id }: UploadRef,
  sums: readonly SumName[],
): Promise<StagedAttempt> {
  return withStagingFaults("take an upload's bytes", () => {
    const path = paths.attempt(id, randomUUID());
    return openStagedAttempt({ path, stagedPath: paths.staged(id), sums, lanes, flusher });
  });
}
