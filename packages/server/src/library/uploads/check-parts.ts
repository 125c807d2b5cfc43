import { bareEtag, type CompletedPart } from "@sifshelf/protocol";

import type { StoredPart } from "../../blobs/part-ledger.js";
import { noSuchPart } from "../../blobs/part-place.js";
import type { UploadRecord } from "../../catalog/records.js";
import { Fault } from "../../faults/fault.js";

/** Most missing parts that a message names. */
const MAX_NAMED = 10;

/**
 * Throws unless every part of the upload has arrived, and the client lists each of them once with
 * the ETag of its receipt. An empty token is not compared.
 *
 * @throws Fault `bad-request` for a part that does not exist or is listed twice, `conflict` for one
 *   that is missing or has another ETag.
 */
export function checkParts(
  upload: UploadRecord,
  arrivedParts: readonly StoredPart[],
  completedParts: readonly CompletedPart[],
): void {
  const listed = tokensByNumber(upload, completedParts);
  const arrived = new Map(arrivedParts.map((part) => [part.partNumber, part]));
  checkAll(upload, "have not arrived; send them and complete the upload again", arrived);
  checkAll(upload, "have arrived, but the list of parts leaves them out; list every part", listed);
  for (const [partNumber, token] of listed) checkToken(arrived.get(partNumber), token);
}

function tokensByNumber(
  upload: UploadRecord,
  completedParts: readonly CompletedPart[],
): Map<number, string> {
  const tokens = new Map<number, string>();
  for (const { partNumber, token } of completedParts) {
    if (partNumber < 1 || partNumber > upload.totalParts) throw noSuchPart(upload, partNumber);
    if (tokens.has(partNumber)) {
      throw new Fault("bad-request", `part ${partNumber} is listed twice; list every part once`);
    }
    tokens.set(partNumber, token);
  }
  return tokens;
}

function checkAll(
  upload: UploadRecord,
  problem: string,
  parts: { readonly size: number; has(partNumber: number): boolean },
): void {
  if (parts.size === upload.totalParts) return;
  const missing: number[] = [];
  for (let number = 1; number <= upload.totalParts && missing.length <= MAX_NAMED; number++) {
    if (!parts.has(number)) missing.push(number);
  }
  const count = upload.totalParts - parts.size;
  const named = missing.slice(0, MAX_NAMED).join(", ") + (missing.length > MAX_NAMED ? ", …" : "");
  throw new Fault("conflict", `${count} of ${upload.totalParts} parts (${named}) ${problem}`);
}

function checkToken(part: StoredPart | undefined, token: string): void {
  const etag = bareEtag(token);
  if (part === undefined || etag === "" || etag === part.etag) return;
  throw new Fault(
    "conflict",
    `part ${part.partNumber} has been sent again with other bytes than those that the list of parts names; send it once more`,
  );
}
