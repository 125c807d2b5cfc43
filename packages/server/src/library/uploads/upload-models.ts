import {
  type MultipartUpload,
  type MultipartUploadState,
  OPTION_S3_COMPLIANT,
  type UploadImageComplete,
} from "@sifshelf/protocol";

import { entityUsage, findEntityById } from "../../catalog/entities.js";
import { readContents } from "../../catalog/read-contents.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import type { Library } from "../library.js";
import type { MultipartUploadProgress } from "./multipart-upload-state.js";

/** An upload in parts as it goes over the wire when it starts. */
export function multipartUploadModel({ blobs }: Library, upload: UploadRecord): MultipartUpload {
  return {
    uploadID: upload.id,
    totalParts: upload.totalParts,
    partSize: upload.partSizeBytes,
    // With "true", clients announce the SHA-256 of each part, so that damage is noticed at once.
    options: { [OPTION_S3_COMPLIANT]: String(blobs.uploads.checksPartSha256) },
  };
}

/** An open upload in parts as it goes over the wire, with the parts that have arrived. */
export function multipartUploadStateModel(
  library: Library,
  { upload, parts }: MultipartUploadProgress,
): MultipartUploadState {
  return {
    ...multipartUploadModel(library, upload),
    filesize: upload.sizeBytes,
    parts: parts.map(({ partNumber, sizeBytes, etag }) => ({
      partNumber,
      partSize: sizeBytes,
      token: `"${etag}"`,
    })),
  };
}

/**
 * A completed upload as it goes over the wire: the image's page, which clients print behind their
 * own site's address, and the storage that its entity may use and uses, in bytes (0 is unlimited).
 */
export async function uploadCompletionModel(
  { catalog }: Library,
  { container }: ImageRecord,
): Promise<UploadImageComplete> {
  const { entityId, entityName, collectionName, name } = container;
  const entity = await findEntityById(catalog, entityId);
  return {
    quota: {
      quotaTotal: entity?.quotaBytes ?? 0,
      quotaUsage: await readContents(catalog, { entityId }, (reader) =>
        entityUsage(reader, entityId),
      ),
    },
    containerUrl: `library/${entityName}/${collectionName}/${name}`,
  };
}
