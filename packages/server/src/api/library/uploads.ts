import {
  AbortMultipartUploadRequestSchema,
  CompleteMultipartUploadRequestSchema,
  type MultipartUpload,
  type MultipartUploadState,
  MultipartUploadStartRequestSchema,
  OPTION_S3_COMPLIANT,
  type UploadImage,
  type UploadImageComplete,
  UploadImageCompleteRequestSchema,
  type UploadImagePart,
  UploadImagePartRequestSchema,
  UploadImageRequestSchema,
  digestOfImageHash,
  routePath,
  sha256HexOfDigest,
} from "@sifshelf/protocol";

import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { describeImage } from "../../library/images.js";
import type { Library } from "../../library/library.js";
import { abortMultipartUpload } from "../../library/uploads/abort-upload.js";
import {
  completeMultipartUpload,
  completeSingleUpload,
} from "../../library/uploads/complete-upload.js";
import { uploadClosed } from "../../library/uploads/find-upload.js";
import { findOpenMultipartUpload } from "../../library/uploads/multipart-upload-state.js";
import { openMultipartUpload, openSingleUpload } from "../../library/uploads/open-upload.js";
import { receiveV1Upload } from "../../library/uploads/receive-v1-upload.js";
import { requestPart } from "../../library/uploads/request-part.js";
import { quotaOf, requireUploadTarget } from "../../library/uploads/upload-target.js";
import { incomingBody } from "../../transfers/incoming-body.js";
import { readJsonBody } from "../../http/json-body.js";
import { queryText } from "../../http/query.js";
import { type RouteDeps, registerRoute } from "./register-route.js";
import { signedUrl } from "./signed-urls.js";

/** Uploads of all protocol versions: in one request, by one URL, in parts. */
export function registerUploadRoutes(deps: RouteDeps, publicUrl: string | undefined): void {
  registerUploadV1(deps);
  registerSingleUpload(deps, publicUrl);
  registerMultipartUpload(deps, publicUrl);
  registerMultipartState(deps);
  registerMultipartEnd(deps);
}

function registerUploadV1(deps: RouteDeps): void {
  const { library } = deps;
  registerRoute(deps, "uploadImageV1", async ({ principal, params, request }) => {
    const image = await requireUploadTarget(library, principal, params.imageId);
    const body = incomingBody(request.raw, library.settings);
    return describeImage(library, await receiveV1Upload(library, principal, image, body));
  });
}

function registerSingleUpload(deps: RouteDeps, publicUrl: string | undefined): void {
  const { library } = deps;
  registerRoute(deps, "startUpload", async ({ principal, params, request }) => {
    const body = await readJsonBody(request, UploadImageRequestSchema, "upload to start");
    const image = await requireUploadTarget(library, principal, params.imageId);
    const announced = { sizeBytes: body.filesize, sha256: body.sha256sum, md5: body.md5sum };
    const upload = await openSingleUpload(library, principal, image, announced);
    const digest = digestOfImageHash(image.hash);
    const grant = {
      method: "PUT",
      path: routePath("sendUpload", { uploadId: upload.id }),
      sizeBytes: upload.sizeBytes,
      sha256: digest === undefined ? null : sha256HexOfDigest(digest),
      principal,
    } as const;
    const answer: UploadImage = {
      uploadURL: await signedUrl(library, grant, { request, publicUrl }),
    };
    return answer;
  });
  registerRoute(deps, "completeUpload", async ({ principal, params, request }) => {
    await readJsonBody(request, UploadImageCompleteRequestSchema, "completion");
    const image = await requireUploadTarget(library, principal, params.imageId, uploadClosed());
    return completion(library, await completeSingleUpload(library, principal, image));
  });
}

function registerMultipartUpload(deps: RouteDeps, publicUrl: string | undefined): void {
  const { library } = deps;
  registerRoute(deps, "startMultipartUpload", async ({ principal, params, request }) => {
    const body = await readJsonBody(request, MultipartUploadStartRequestSchema, "upload to start");
    const image = await requireUploadTarget(library, principal, params.imageId);
    const sizeBytes = body.filesize;
    const upload = await openMultipartUpload(library, principal, image, { sizeBytes });
    return describeUpload(upload);
  });
  registerRoute(deps, "requestUploadPart", async ({ principal, params, request }) => {
    const body = await readJsonBody(request, UploadImagePartRequestSchema, "part to send");
    const { id: imageId } = await requireUploadTarget(
      library,
      principal,
      params.imageId,
      uploadClosed(),
    );
    const { upload, partNumber, sizeBytes, sha256 } = await requestPart(library, principal, {
      imageId,
      uploadId: body.uploadID,
      partNumber: body.partNumber,
      sizeBytes: body.partSize,
      sha256: body.sha256sum,
    });
    const names = { uploadId: upload.id, partNumber: String(partNumber) };
    const path = routePath("sendUploadPart", names);
    const grant = { method: "PUT", path, sizeBytes, sha256, principal } as const;
    const answer: UploadImagePart = {
      presignedURL: await signedUrl(library, grant, { request, publicUrl }),
    };
    return answer;
  });
}

function describeUpload(upload: UploadRecord): MultipartUpload {
  return {
    uploadID: upload.id,
    totalParts: upload.totalParts,
    partSize: upload.partSizeBytes,
    // With it clients announce the SHA-256 of each part, so that a part that went wrong is noticed at once.
    options: { [OPTION_S3_COMPLIANT]: "true" },
  };
}

function registerMultipartState(deps: RouteDeps): void {
  const { library } = deps;
  registerRoute(deps, "getMultipartUpload", async ({ principal, params, request }) => {
    const { id: imageId } = await requireUploadTarget(
      library,
      principal,
      params.imageId,
      uploadClosed(),
    );
    const uploadId = queryText(request, "uploadID");
    const { upload, parts } = await findOpenMultipartUpload(library, principal, {
      imageId,
      uploadId: uploadId === "" ? undefined : uploadId,
    });
    const answer: MultipartUploadState = {
      ...describeUpload(upload),
      filesize: upload.sizeBytes,
      parts: parts.map(({ partNumber, sizeBytes, etag }) => ({
        partNumber,
        partSize: sizeBytes,
        token: `"${etag}"`,
      })),
    };
    return answer;
  });
}

function registerMultipartEnd(deps: RouteDeps): void {
  const { library } = deps;
  registerRoute(deps, "completeMultipartUpload", async ({ principal, params, request }) => {
    const body = await readJsonBody(request, CompleteMultipartUploadRequestSchema, "completion");
    const { id: imageId } = await requireUploadTarget(
      library,
      principal,
      params.imageId,
      uploadClosed(),
    );
    const { uploadID: uploadId, completedParts } = body;
    const image = await completeMultipartUpload(library, principal, {
      imageId,
      uploadId,
      completedParts,
    });
    return completion(library, image);
  });
  registerRoute(deps, "abortMultipartUpload", async ({ principal, params, request }) => {
    const { uploadID } = await readJsonBody(request, AbortMultipartUploadRequestSchema, "abort");
    const { id: imageId } = await requireUploadTarget(
      library,
      principal,
      params.imageId,
      uploadClosed(),
    );
    await abortMultipartUpload(library, principal, { imageId, uploadId: uploadID });
    return {};
  });
}

/** What clients print after a push; they put their own site's address before the path. */
async function completion(library: Library, image: ImageRecord): Promise<UploadImageComplete> {
  const { entityName, collectionName, name } = image.container;
  return {
    quota: await quotaOf(library, image),
    containerUrl: `library/${entityName}/${collectionName}/${name}`,
  };
}
