import {
  AbortMultipartUploadRequestSchema,
  CompleteMultipartUploadRequestSchema,
  MultipartUploadStartRequestSchema,
  type UploadImage,
  UploadImageCompleteRequestSchema,
  type UploadImagePart,
  UploadImagePartRequestSchema,
  UploadImageRequestSchema,
} from "@sifshelf/protocol";

import { describeImage } from "../../library/images.js";
import { abortMultipartUpload } from "../../library/uploads/abort-upload.js";
import {
  completeMultipartUpload,
  completeSingleUpload,
} from "../../library/uploads/complete-upload.js";
import { uploadClosed } from "../../library/uploads/find-upload.js";
import { grantPart, grantWhole } from "../../library/uploads/grant-part.js";
import { requireImageToPush } from "../../library/uploads/image-to-push.js";
import { findOpenMultipartUpload } from "../../library/uploads/multipart-upload-state.js";
import { openMultipartUpload, openSingleUpload } from "../../library/uploads/open-upload.js";
import { receiveV1Upload } from "../../library/uploads/receive-v1-upload.js";
import {
  multipartUploadModel,
  multipartUploadStateModel,
  uploadCompletionModel,
} from "../../library/uploads/upload-models.js";
import { incomingBody } from "../../transfers/incoming-body.js";
import { readJsonBody } from "../../http/json-body.js";
import { queryText } from "../../http/query.js";
import { type RouteDeps, registerRoute } from "./register-route.js";
import { baseUrlOf } from "./signed-urls.js";

/** Uploads of all protocol versions: in one request, to one URL, and in parts. */
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
    const image = await requireImageToPush(library, principal, params.imageId);
    const body = incomingBody(request.raw, library.settings);
    return describeImage(library, await receiveV1Upload(library, principal, image, body));
  });
}

function registerSingleUpload(deps: RouteDeps, publicUrl: string | undefined): void {
  const { library } = deps;
  registerRoute(deps, "startUpload", async ({ principal, params, request }) => {
    const body = await readJsonBody(request, UploadImageRequestSchema, "upload to start");
    const image = await requireImageToPush(library, principal, params.imageId);
    const announced = { sizeBytes: body.filesize, sha256: body.sha256sum, md5: body.md5sum };
    const baseUrl = baseUrlOf(request, publicUrl);
    const upload = await openSingleUpload(library, principal, image, announced);
    const { url } = await grantWhole(library, principal, { image, upload }, baseUrl);
    const reply: UploadImage = { uploadURL: url };
    return reply;
  });
  registerRoute(deps, "completeUpload", async ({ principal, params, request }) => {
    await readJsonBody(request, UploadImageCompleteRequestSchema, "completion");
    const image = await requireImageToPush(library, principal, params.imageId, uploadClosed());
    return uploadCompletionModel(library, await completeSingleUpload(library, principal, image));
  });
}

function registerMultipartUpload(deps: RouteDeps, publicUrl: string | undefined): void {
  const { library } = deps;
  registerRoute(deps, "startMultipartUpload", async ({ principal, params, request }) => {
    const body = await readJsonBody(request, MultipartUploadStartRequestSchema, "upload to start");
    const image = await requireImageToPush(library, principal, params.imageId);
    const sizeBytes = body.filesize;
    const upload = await openMultipartUpload(library, principal, image, { sizeBytes });
    return multipartUploadModel(library, upload);
  });
  registerRoute(deps, "requestUploadPart", async ({ principal, params, request }) => {
    const body = await readJsonBody(request, UploadImagePartRequestSchema, "part to send");
    const { url } = await grantPart(library, principal, {
      imageId: params.imageId,
      uploadId: body.uploadID,
      partNumber: body.partNumber,
      sizeBytes: body.partSize,
      sha256: body.sha256sum,
      baseUrl: baseUrlOf(request, publicUrl),
    });
    const reply: UploadImagePart = { presignedURL: url };
    return reply;
  });
}

function registerMultipartState(deps: RouteDeps): void {
  const { library } = deps;
  registerRoute(deps, "getMultipartUpload", async ({ principal, params, request }) => {
    const { id: imageId } = await requireImageToPush(
      library,
      principal,
      params.imageId,
      uploadClosed(),
    );
    const uploadId = queryText(request, "uploadID");
    const progress = await findOpenMultipartUpload(library, principal, {
      imageId,
      uploadId: uploadId === "" ? undefined : uploadId,
    });
    return multipartUploadStateModel(library, progress);
  });
}

function registerMultipartEnd(deps: RouteDeps): void {
  const { library } = deps;
  registerRoute(deps, "completeMultipartUpload", async ({ principal, params, request }) => {
    const body = await readJsonBody(request, CompleteMultipartUploadRequestSchema, "completion");
    const { id: imageId } = await requireImageToPush(
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
    return uploadCompletionModel(library, image);
  });
  registerRoute(deps, "abortMultipartUpload", async ({ principal, params, request }) => {
    const { uploadID } = await readJsonBody(request, AbortMultipartUploadRequestSchema, "abort");
    const { id: imageId } = await requireImageToPush(
      library,
      principal,
      params.imageId,
      uploadClosed(),
    );
    await abortMultipartUpload(library, principal, { imageId, uploadId: uploadID });
    return {};
  });
}
