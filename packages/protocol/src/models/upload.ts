import { count, envelope, text } from "../schema/fields.js";
import { MAX_UPLOAD_PARTS } from "../limits.js";
import {
  arraySchema,
  objectSchema,
  optional,
  recordSchema,
  type Static,
  stringSchema,
} from "../schema/schema.js";

/**
 * Option of a multipart upload: absent, empty or `"true"` tells the client to send
 * `x-amz-content-sha256` with each part.
 */
export const OPTION_S3_COMPLIANT = "s3compliant";

/** Schema of {@link UploadImageRequest}. */
export const UploadImageRequestSchema = objectSchema({
  filesize: count(),
  md5sum: optional(stringSchema()),
  sha256sum: optional(stringSchema()),
});
/**
 * Requests a URL to send a whole image to; `filesize` is in bytes, checksums are lower-case hex of
 * the whole file.
 */
export type UploadImageRequest = Static<typeof UploadImageRequestSchema>;

/** Schema of {@link UploadImage}. */
export const UploadImageSchema = objectSchema({ uploadURL: text() });
/** Where to send a whole image: an absolute URL that needs no token. */
export type UploadImage = Static<typeof UploadImageSchema>;
/** Schema of the reply that carries an upload URL. */
export const UploadImageResponseSchema = envelope(UploadImageSchema);
/** The reply that carries an upload URL. */
export type UploadImageResponse = Static<typeof UploadImageResponseSchema>;

/** Schema of {@link UploadImageCompleteRequest}. */
export const UploadImageCompleteRequestSchema = objectSchema({});
/** Completes a single upload; it has no fields. */
export type UploadImageCompleteRequest = Record<string, never>;

/** Schema of {@link QuotaResponse}. */
export const QuotaResponseSchema = objectSchema(
  { quotaTotal: count(), quotaUsage: count() },
  { default: { quotaTotal: 0, quotaUsage: 0 } },
);
/** Storage allowed and used, in bytes; a total of 0 is unlimited. */
export type QuotaResponse = Static<typeof QuotaResponseSchema>;

/** Schema of {@link UploadImageComplete}. */
export const UploadImageCompleteSchema = objectSchema({
  quota: QuotaResponseSchema,
  containerUrl: text(),
});
/** The reply to a completed upload; `containerUrl` is a path relative to the site's web root. */
export type UploadImageComplete = Static<typeof UploadImageCompleteSchema>;
/** Schema of the reply to the completion of a single upload. */
export const UploadImageCompleteResponseSchema = envelope(UploadImageCompleteSchema);
/** The reply to the completion of a single upload. */
export type UploadImageCompleteResponse = Static<typeof UploadImageCompleteResponseSchema>;

/** Schema of {@link MultipartUploadStartRequest}. */
export const MultipartUploadStartRequestSchema = objectSchema({ filesize: count() });
/** Requests an upload in parts; `filesize` is in bytes. */
export type MultipartUploadStartRequest = Static<typeof MultipartUploadStartRequestSchema>;

/** Schema of {@link MultipartUpload}. */
export const MultipartUploadSchema = objectSchema({
  uploadID: text(),
  totalParts: count(),
  partSize: count(),
  options: recordSchema(stringSchema(), { default: {} }),
});
/** An upload in parts: the library chooses number and size (bytes) of the parts. */
export type MultipartUpload = Static<typeof MultipartUploadSchema>;
/** Schema of the reply that opens an upload in parts. */
export const MultipartUploadStartResponseSchema = envelope(MultipartUploadSchema);
/** The reply that opens an upload in parts. */
export type MultipartUploadStartResponse = Static<typeof MultipartUploadStartResponseSchema>;

/** Schema of {@link StoredPart}. */
export const StoredPartSchema = objectSchema({
  partNumber: count(),
  partSize: count(),
  token: text(),
});
/** One part that has arrived; `token` is the `ETag` of its reply, quotes included. */
export type StoredPart = Static<typeof StoredPartSchema>;

/** Schema of {@link MultipartUploadState}. */
export const MultipartUploadStateSchema = objectSchema({
  uploadID: text(),
  filesize: count(),
  totalParts: count(),
  partSize: count(),
  options: recordSchema(stringSchema(), { default: {} }),
  parts: arraySchema(StoredPartSchema, { default: [] }),
});
/**
 * The state of an open upload in parts, an extension: the request that opened it, and the parts
 * that need not be sent again.
 */
export type MultipartUploadState = Static<typeof MultipartUploadStateSchema>;
/** Schema of the reply that carries the state of an upload in parts. */
export const MultipartUploadStateResponseSchema = envelope(MultipartUploadStateSchema);
/** The reply that carries the state of an upload in parts. */
export type MultipartUploadStateResponse = Static<typeof MultipartUploadStateResponseSchema>;

/** Schema of {@link UploadImagePartRequest}. */
export const UploadImagePartRequestSchema = objectSchema({
  partSize: count(),
  uploadID: text(),
  partNumber: count(),
  sha256sum: text(),
});
/**
 * Requests the URL of one part. Parts count from 1; `sha256sum` is that of the part, empty when not
 * S3-compliant.
 */
export type UploadImagePartRequest = Static<typeof UploadImagePartRequestSchema>;

/** Schema of {@link UploadImagePart}. */
export const UploadImagePartSchema = objectSchema({ presignedURL: text() });
/** Where to send one part: an absolute URL that needs no token. */
export type UploadImagePart = Static<typeof UploadImagePartSchema>;
/** Schema of the reply that carries a part's URL. */
export const UploadImagePartResponseSchema = envelope(UploadImagePartSchema);
/** The reply that carries a part's URL. */
export type UploadImagePartResponse = Static<typeof UploadImagePartResponseSchema>;

/** Schema of {@link CompletedPart}. */
export const CompletedPartSchema = objectSchema({ partNumber: count(), token: text() });
/** One sent part; `token` is the `ETag` of its reply, quotes included. */
export type CompletedPart = Static<typeof CompletedPartSchema>;

/** Schema of {@link CompleteMultipartUploadRequest}. */
export const CompleteMultipartUploadRequestSchema = objectSchema({
  uploadID: text(),
  completedParts: arraySchema(CompletedPartSchema, { default: [], maxItems: MAX_UPLOAD_PARTS }),
});
/** Completes an upload in parts. */
export type CompleteMultipartUploadRequest = Static<typeof CompleteMultipartUploadRequestSchema>;
/** Schema of the reply to the completion of an upload in parts. */
export const CompleteMultipartUploadResponseSchema = envelope(UploadImageCompleteSchema);
/** The reply to the completion of an upload in parts. */
export type CompleteMultipartUploadResponse = Static<typeof CompleteMultipartUploadResponseSchema>;

/** Schema of {@link AbortMultipartUploadRequest}. */
export const AbortMultipartUploadRequestSchema = objectSchema({ uploadID: text() });
/** Aborts an upload in parts. */
export type AbortMultipartUploadRequest = Static<typeof AbortMultipartUploadRequestSchema>;
