import {
  MAX_UPLOAD_PARTS,
  type MultipartUpload,
  type MultipartUploadState,
  OPTION_S3_COMPLIANT,
  WireError,
} from "@sifshelf/protocol";

import type { Connection } from "../http/connection.js";
import type { ByteSource } from "../transfer/byte-source.js";
import type { ProgressMeter } from "../transfer/progress.js";

/** One part of an upload. Parts are numbered from 1. */
export interface UploadPart {
  readonly partNumber: number;
  readonly offset: number;
  readonly length: number;
}

/** How a library wants an image in parts. */
export interface UploadPlan {
  readonly uploadId: string;
  readonly parts: readonly UploadPart[];
  /** Whether each part is announced and sent with its own SHA-256. */
  readonly hashParts: boolean;
  /** Parts that the library already has, by number, with the tokens that complete them. */
  readonly stored: ReadonlyMap<number, string>;
}

/**
 * Returns the plan in a library's reply.
 *
 * @throws WireError when its parts do not make up the image.
 */
export function uploadPlan(upload: MultipartUpload, sizeBytes: number): UploadPlan {
  const { uploadID, totalParts, partSize, options } = upload;
  if (uploadID === "") throw new WireError("upload", "data.uploadID", "is empty");
  if (partSize < 1) throw new WireError("upload", "data.partSize", "is not a number of bytes");
  if (totalParts !== Math.ceil(sizeBytes / partSize)) {
    throw new WireError(
      "upload",
      "data.totalParts",
      `does not match ${sizeBytes} bytes in parts of ${partSize}`,
    );
  }
  if (totalParts > MAX_UPLOAD_PARTS) {
    throw new WireError("upload", "data.totalParts", `is more than ${MAX_UPLOAD_PARTS}`);
  }
  const parts = Array.from({ length: totalParts }, (_, index) => {
    const offset = index * partSize;
    return { partNumber: index + 1, offset, length: Math.min(partSize, sizeBytes - offset) };
  });
  // As scs-library-client reads the option: absent, empty and "true" mean yes.
  const s3Compliant = options[OPTION_S3_COMPLIANT] ?? "";
  const hashParts = s3Compliant === "" || s3Compliant === "true";
  return { uploadId: uploadID, parts, hashParts, stored: new Map() };
}

/**
 * Returns the plan of an existing upload, undefined when it is for an image of another size.
 *
 * @throws WireError when its parts do not make up the image.
 */
export function resumedPlan(
  state: MultipartUploadState,
  sizeBytes: number,
): UploadPlan | undefined {
  if (state.filesize !== sizeBytes) return undefined;
  const plan = uploadPlan(state, sizeBytes);
  const lengths = new Map(plan.parts.map(({ partNumber, length }) => [partNumber, length]));
  const stored = state.parts
    .filter(({ partNumber, partSize }) => lengths.get(partNumber) === partSize)
    .map(({ partNumber, token }) => [partNumber, token] as const);
  return { ...plan, stored: new Map(stored) };
}

/** The bytes of one image on their way to the library. */
export interface UploadJob {
  readonly connection: Connection;
  readonly imageId: string;
  readonly source: ByteSource;
  /** Lower-case hex SHA-256 of all bytes. */
  readonly sha256: string;
  readonly meter: ProgressMeter;
  readonly signal?: AbortSignal | undefined;
}
