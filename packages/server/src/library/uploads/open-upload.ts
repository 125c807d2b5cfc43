import { digestOfImageHash, sha256HexOfDigest } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import { inTransaction } from "../../catalog/catalog.js";
import { findImageById } from "../../catalog/images.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { insertUpload, setUploadState } from "../../catalog/uploads.js";
import { faultOf, Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { MAX_MULTIPART_BYTES, partLayout } from "./part-layout.js";

/** What a client says about the file that it is about to send in one request. */
export interface SingleUploadRequest {
  /** Size of the file. */
  readonly sizeBytes: number;
  /** SHA-256 of the file in hex; empty or absent if the client does not announce it. */
  readonly sha256?: string | undefined;
  /** MD5 of the file in hex; empty or absent if the client does not announce it. */
  readonly md5?: string | undefined;
}

const MD5 = /^[0-9a-f]{32}$/;

/**
 * Opens an upload of an image's file in one request. Several may be open for one image, even if it
 * is uploaded already: a push of what another user has just pushed succeeds as well.
 *
 * The caller has checked that the principal may push to the image's container.
 *
 * @throws Fault `bad-request` for a size of 0 or an invalid MD5, `too-large`, `digest-mismatch`
 *   when the announced SHA-256 is not the image's, `not-found` when the image has been deleted.
 */
export async function openSingleUpload(
  library: Library,
  principal: UserPrincipal,
  image: ImageRecord,
  request: SingleUploadRequest,
): Promise<UploadRecord> {
  const { sizeBytes } = request;
  checkSize(library, sizeBytes);
  checkSha256(image, request.sha256 ?? "");
  const md5 = readMd5(request.md5 ?? "");
  const layout = { partSizeBytes: sizeBytes, totalParts: 1 };
  return open(library, { kind: "single", sizeBytes, md5, ...layout, ...owners(principal, image) });
}

/**
 * Opens an upload of an image's file in parts, and decides their size: 16 to 512 MiB, so that there
 * are at most 10 000.
 *
 * The caller has checked that the principal may push to the image's container.
 *
 * @throws Fault `bad-request` for a size of 0, `too-large`, `not-found` when the image has been
 *   deleted.
 */
export async function openMultipartUpload(
  library: Library,
  principal: UserPrincipal,
  image: ImageRecord,
  { sizeBytes }: { readonly sizeBytes: number },
): Promise<UploadRecord> {
  checkSize(library, sizeBytes);
  const layout = partLayout(sizeBytes);
  return open(library, {
    kind: "multipart",
    sizeBytes,
    md5: null,
    ...layout,
    ...owners(principal, image),
  });
}

type NewUpload = Omit<UploadRecord, "id" | "state" | "createdAtMs" | "expiresAtMs">;

function owners(principal: UserPrincipal, image: ImageRecord) {
  return { imageId: image.id, userId: principal.userId };
}

/**
 * The row comes first: bytes without a row are swept, a row without bytes only fails and expires.
 */
async function open(library: Library, upload: NewUpload): Promise<UploadRecord> {
  const nowMs = library.now();
  const expiresAtMs = nowMs + library.settings.uploadTtlMs;
  const record = await inTransaction(
    library.catalog,
    { locks: { image: upload.imageId } },
    async (catalog) => {
      if ((await findImageById(catalog, upload.imageId)) === undefined) throw faultOf("not-found");
      return insertUpload(catalog, { ...upload, nowMs, expiresAtMs });
    },
  );
  try {
    await library.blobs.uploads.begin(record);
  } catch (error) {
    await setUploadState(library.catalog, record.id, "aborted");
    throw error;
  }
  return record;
}

function checkSize({ settings }: Library, sizeBytes: number): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1) {
    throw new Fault(
      "bad-request",
      `an upload of ${sizeBytes} bytes is not possible; say how many bytes the file has, at least 1`,
    );
  }
  const largest = Math.min(settings.maxImageBytes, MAX_MULTIPART_BYTES);
  if (sizeBytes <= largest) return;
  throw new Fault(
    "too-large",
    `the image has ${sizeBytes} bytes, this library takes at most ${largest}; ask the site's admin to raise the limit`,
  );
}

function checkSha256(image: ImageRecord, announced: string): void {
  const digest = digestOfImageHash(image.hash);
  if (announced === "" || digest === undefined) return;
  if (announced.toLowerCase() === sha256HexOfDigest(digest)) return;
  throw new Fault(
    "digest-mismatch",
    `the announced SHA-256 is not that of the image ${image.hash}; push the file again, it has changed meanwhile`,
  );
}

function readMd5(announced: string): string | null {
  const md5 = announced.toLowerCase();
  if (md5 === "") return null;
  if (MD5.test(md5)) return md5;
  throw new Fault(
    "bad-request",
    "the announced MD5 is not valid; it has 32 hex digits, or is left out",
  );
}
