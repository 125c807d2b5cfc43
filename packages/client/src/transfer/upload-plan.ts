import {
  MAX_UPLOAD_PARTS,
  type MultipartUpload,
  OPTION_S3_COMPLIANT,
  WireError,
} from "@sifshelf/protocol";

/** One part of an upload; parts count from 1. */
export interface UploadPart {
  readonly partNumber: number;
  readonly offset: number;
  readonly length: number;
}

/** How a library wants an image of `sizeBytes` in parts. */
export interface UploadPlan {
  readonly uploadId: string;
  readonly parts: readonly UploadPart[];
  /** Whether each part is announced and sent with its own SHA-256. */
  readonly hashParts: boolean;
}

/**
 * The plan in a library's answer.
 *
 * @throws WireError when its parts would not make up the image.
 */
export function uploadPlan(upload: MultipartUpload, sizeBytes: number): UploadPlan {
  const { uploadID, totalParts, partSize, options } = upload;
  if (uploadID === "") throw new WireError("upload", "data.uploadID", "is empty");
  if (partSize < 1) throw new WireError("upload", "data.partSize", "is not a number of bytes");
  if (totalParts !== Math.ceil(sizeBytes / partSize)) {
    throw new WireError(
      "upload",
      "data.totalParts",
      `is not what ${sizeBytes} bytes in parts of ${partSize} make`,
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
  return { uploadId: uploadID, parts, hashParts: s3Compliant === "" || s3Compliant === "true" };
}
