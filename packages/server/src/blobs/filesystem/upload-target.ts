import { readdir, rm } from "node:fs/promises";

import { routePath } from "@sifshelf/protocol";

import { isId } from "../../ids/ids.js";
import { requirePartPlace } from "../part-place.js";
import type { SignedUrls } from "../signed-urls.js";
import type { UploadRef, UploadTarget } from "../upload-target.js";
import { completeUpload } from "./complete-upload.js";
import { makeFolder } from "./durable.js";
import { receivePart } from "./receive-part.js";
import { receiveWhole } from "./receive-whole.js";
import type { Staging } from "./staging.js";
import { withStorageFaults } from "./storage-fault.js";

/**
 * Uploads into folders of their own. Clients send through this server, to URLs that it signs, and
 * parts are noted in a ledger, because all of them are in one file.
 */
export function createUploadTarget(staging: Staging, signedUrls: SignedUrls): UploadTarget {
  const { paths, hashes, parts } = staging;
  return {
    checksPartSha256: true,
    begin: ({ id }) =>
      withStorageFaults("make room for an upload", () => makeFolder(paths.staging(id))),
    async grantPart(upload, { partNumber, sha256, receiver }) {
      const { sizeBytes } = requirePartPlace(upload, partNumber);
      const path = routeOf(upload, partNumber);
      return signedUrls.sign({ method: "PUT", path, sizeBytes, sha256 }, receiver);
    },
    receivePart: (upload, part) =>
      upload.kind === "single"
        ? receiveWhole(staging, upload, part)
        : receivePart(staging, upload, part),
    listParts: ({ id }) => parts.list(id),
    complete: (upload, options) => completeUpload(staging, upload, options),
    abort: (uploadId) =>
      withStorageFaults("delete an upload's bytes", () => {
        hashes.forget(uploadId);
        return rm(paths.staging(uploadId), { recursive: true, force: true, maxRetries: 3 });
      }),
    list: () =>
      withStorageFaults("list uploads", async () =>
        (await readdir(paths.uploads)).filter((name) => isId(name)),
      ),
  };
}

function routeOf({ id, kind }: UploadRef, partNumber: number): string {
  if (kind === "single") return routePath("sendUpload", { uploadId: id });
  return routePath("sendUploadPart", { uploadId: id, partNumber: String(partNumber) });
}
