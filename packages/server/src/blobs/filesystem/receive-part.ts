import type { ByteSink } from "../byte-sink.js";
import type { StoredPart } from "../part-ledger.js";
import { type PartPlace, requirePartPlace } from "../part-place.js";
import type { PartToReceive, UploadRef } from "../upload-target.js";
import { openAttempt } from "./receive-whole.js";
import { openStagedPart } from "./staged-files.js";
import type { Staging } from "./staging.js";
import { withStagingFaults } from "./storage-fault.js";

interface Arrival {
  readonly upload: UploadRef;
  readonly part: PartToReceive;
  readonly place: PartPlace;
}

/**
 * Receives a part of an upload in parts.
 *
 * Why a part that was acknowledged stays as it is until another has arrived whole:
 *
 * 1. Senders of one part take turns, so no two write to one place. One that has to wait makes the
 *    one before it give up soon if that sender is silent.
 * 2. A part that has not arrived yet is written where it belongs in the staged file. Nobody reads
 *    it there before it is in the ledger, and it gets there when its bytes are on disk and
 *    accepted.
 * 3. A part that has arrived before is received into a file of its own. When that is complete and
 *    accepted, it is copied to its place, holding the upload's turn, so never while the whole is
 *    being hashed or published. Unless their SHA-256 proves that the bytes are the same, the part
 *    is removed from the ledger first: a kill during the copy leaves a missing part, not a wrong
 *    one. If they are the same, the copy changes nothing but what may have gone bad on disk.
 * 4. A completion needs every part in the ledger, and only a sender that holds the upload's turn
 *    removes one. So no part is written in place (2) while the whole is being hashed or published.
 * 5. The whole is hashed in the background as far as it has arrived. That hash is discarded before
 *    a part changes.
 */
export async function receivePart(
  staging: Staging,
  upload: UploadRef,
  part: PartToReceive,
): Promise<StoredPart> {
  const { partNumber } = part;
  const arrival: Arrival = { upload, part, place: requirePartPlace(upload, partNumber) };
  const release = await staging.turns.take(`${upload.id}:${partNumber}`, () => part.body.hurry());
  try {
    const earlier = await staging.parts.find(upload.id, partNumber);
    return earlier === undefined
      ? await receiveInPlace(staging, arrival)
      : await receiveAgain(staging, arrival, earlier);
  } finally {
    release();
  }
}

async function receiveInPlace(staging: Staging, arrival: Arrival): Promise<StoredPart> {
  const { paths, lanes, flusher } = staging;
  const { upload, part, place } = arrival;
  const { sums } = part;
  const staged = await withStagingFaults("take a part", () =>
    openStagedPart({ path: paths.staged(upload.id), offset: place.offset, sums, lanes, flusher }),
  );
  try {
    const { stored } = await receiveBytes(arrival, staged);
    await staged.sync();
    await note(staging, arrival, stored);
    return stored;
  } finally {
    await staged.close();
  }
}

async function receiveAgain(
  staging: Staging,
  arrival: Arrival,
  earlier: StoredPart,
): Promise<StoredPart> {
  const { upload, part, place } = arrival;
  const attempt = await openAttempt(staging, upload, part.sums);
  try {
    const { stored, sha256 } = await receiveBytes(arrival, attempt);
    const release = await staging.turns.take(upload.id);
    try {
      // By CRC-32 alone other bytes could pass for those that were hashed: anybody can forge one.
      const isSame = sha256 !== undefined && earlier.etag === sha256;
      if (!isSame) {
        staging.hashes.forget(upload.id);
        await staging.parts.remove(upload.id, part.partNumber);
      }
      await attempt.copyToPart(place.offset);
      await note(staging, arrival, stored);
    } finally {
      release();
    }
    return stored;
  } finally {
    await attempt.discard();
  }
}

interface Received {
  readonly stored: StoredPart;
  /** Of the bytes that arrived, if it was computed. */
  readonly sha256: string | undefined;
}

async function receiveBytes({ part, place }: Arrival, sink: ByteSink): Promise<Received> {
  const { partNumber, body, accept, onProgress } = part;
  const { sizeBytes } = place;
  const sums = await body.receiveInto(sink, { sizeBytes, onProgress });
  return { stored: { partNumber, sizeBytes, etag: accept(sums) }, sha256: sums.sha256 };
}

async function note(staging: Staging, arrival: Arrival, stored: StoredPart): Promise<void> {
  const { upload, place } = arrival;
  await staging.parts.put(upload.id, stored);
  void staging.hashes.arrived(upload.id, place.offset, place.sizeBytes);
}
