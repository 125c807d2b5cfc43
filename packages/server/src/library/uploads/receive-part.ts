import { crc32PartToken } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import type { SumName } from "../../blobs/blob-store.js";
import { sumOf } from "../../blobs/sum-of.js";
import { deleteUploadPart, findUploadPart } from "../../catalog/uploads.js";
import type { UploadPartRecord, UploadRecord } from "../../catalog/records.js";
import { holdLease } from "../../coordination/leases.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { isOpen, requireOpenUpload, requireUpload, uploadClosed } from "./find-upload.js";
import type { IncomingBody } from "../../blobs/incoming-body.js";
import { keepOpen } from "./keep-open.js";
import { notePart } from "./note-part.js";
import { type PartPlace, partPlace } from "./part-layout.js";
import type { UploadReceipt } from "./receive-upload.js";
import { noSuchPart } from "./request-part.js";

/** A part on its way in. */
export interface IncomingPart {
  readonly uploadId: string;
  readonly partNumber: number;
  /** SHA-256 that the bytes must have, lower-case hex; null if the client did not say. */
  readonly sha256: string | null;
  /** Whether a CRC-32 of what arrives will do, for the sender to compare with its own. Not heeded where it announced a SHA-256. */
  readonly byCrc32?: boolean;
  readonly body: IncomingBody;
}

interface Arrival extends IncomingPart {
  readonly upload: UploadRecord;
  readonly place: PartPlace;
}

/**
 * Receives a part of an upload. Parts may come at once and in any order, and again.
 *
 * How a part that was acknowledged stays what it was, until another has arrived whole:
 *
 * 1. Attempts at one part are made one after the other (lock `part`), so two never write to one place. One that has to wait makes
 *    the one before it give up soon if its sender is silent.
 * 2. A part that has not arrived yet is written where it belongs in the staged file. Nobody reads it there before its row is in
 *    the catalog, and that comes when the bytes are on disk, and have the SHA-256 that was announced, if one was.
 * 3. A part that has arrived before is received into a file of its own. Only when that is so for it, too, is it copied to its place,
 *    under the lock `upload`, so never while the whole is being hashed or published. Unless their SHA-256 says that the
 *    bytes are those of before, the row is deleted first: a kill in the middle of the copy leaves a part that is missing, not one that
 *    is wrong. If they are the same, the copy changes nothing but what may have gone bad on disk.
 * 4. The whole is hashed in the background as far as it has arrived. That is forgotten before a part changes.
 * 5. The row is written under the lock `upload`, and only if the upload is still open.
 *
 * @throws Fault `upload-closed`, `bad-request` for a number that no part has, `digest-mismatch`, `storage-full`, and what
 *   {@link IncomingBody} throws.
 */
export async function receivePart(
  library: Library,
  principal: UserPrincipal,
  part: IncomingPart,
): Promise<UploadReceipt> {
  const { uploadId, partNumber } = part;
  const query = { uploadId, kind: "multipart" } as const;
  const { upload } = await requireOpenUpload(library, principal, query);
  const place = partPlace(upload, partNumber);
  if (place === undefined) throw noSuchPart(upload, partNumber);
  const arrival: Arrival = { ...part, upload, place };
  const whenOpen = <T>(work: () => Promise<T>) =>
    holdLease(library, `upload:${upload.id}`, async () => {
      const { upload: now } = await requireUpload(library, principal, query);
      if (!isOpen(library, now)) throw uploadClosed();
      return work();
    });
  const receive = async () => {
    const earlier = await findUploadPart(library.catalog, upload.id, partNumber);
    return earlier === undefined
      ? receiveInPlace(library, arrival, whenOpen)
      : receiveAgain(library, { ...arrival, earlier }, whenOpen);
  };
  const key = `part:${upload.id}:${partNumber}` as const;
  const etag = await library.throttle.hold(key, receive, () => part.body.hurry());
  return { etag: `"${etag}"` };
}

type WhenOpen = <T>(work: () => Promise<T>) => Promise<T>;

async function receiveInPlace(
  library: Library,
  arrival: Arrival,
  whenOpen: WhenOpen,
): Promise<string> {
  const staged = await library.blobs.openPart(arrival.upload.id, arrival.place.offset, [
    sumName(arrival),
  ]);
  try {
    const received = await receiveVerified(library, arrival, staged);
    await staged.sync();
    await whenOpen(() => note(library, arrival, received));
    return received;
  } finally {
    await staged.close();
  }
}

async function receiveAgain(
  library: Library,
  arrival: Arrival & { readonly earlier: UploadPartRecord },
  whenOpen: WhenOpen,
): Promise<string> {
  const { upload, place, earlier, partNumber } = arrival;
  const attempt = await library.blobs.openAttempt(upload.id, [sumName(arrival)]);
  try {
    const received = await receiveVerified(library, arrival, attempt);
    await whenOpen(async () => {
      // Other bytes can have the same CRC-32: anybody can make some, and what was hashed of the part would stand for them.
      const isSame = sumName(arrival) === "sha256" && earlier.etag === received;
      if (!isSame) {
        library.blobs.forgetHash(upload.id);
        await deleteUploadPart(library.catalog, upload.id, partNumber);
      }
      await attempt.copyToPart(place.offset);
      await note(library, arrival, received);
    });
    return received;
  } finally {
    await attempt.discard();
  }
}

/** SHA-256 where it is known or nobody says that less will do. */
function sumName({ sha256, byCrc32 }: IncomingPart): SumName {
  return sha256 === null && byCrc32 === true ? "crc32" : "sha256";
}

/** The ETag of the part. */
async function receiveVerified(
  library: Library,
  { upload, place, body, sha256, partNumber }: Arrival,
  sink: Parameters<IncomingBody["receiveInto"]>[0],
): Promise<string> {
  const onProgress = keepOpen(library, upload);
  const received = await body.receiveInto(sink, { sizeBytes: place.sizeBytes, onProgress });
  if (received.crc32 !== undefined) return crc32PartToken(received.crc32);
  if (sha256 === null || sha256 === received.sha256) return sumOf(received, "sha256");
  throw new Fault(
    "digest-mismatch",
    `the bytes of part ${partNumber} that arrived do not have the announced SHA-256; send the part again`,
  );
}

async function note(library: Library, arrival: Arrival, etag: string): Promise<void> {
  const { partNumber, upload, place } = arrival;
  await notePart(library, upload, { partNumber, sizeBytes: place.sizeBytes, etag });
  library.blobs.hashAhead(upload.id, place.offset, place.sizeBytes);
}
