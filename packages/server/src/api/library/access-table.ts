import type { RouteName } from "@sifshelf/protocol";

import type { AccessRule } from "../../access/access-rule.js";

/** The requests of the protocol's route list that belong to the remote endpoint (`api/remote`). */
type RemoteRouteName = "getIdentity" | "getTokenStatus";

/** The requests of the Library protocol. */
export type LibraryRouteName = Exclude<RouteName, RemoteRouteName>;

/** The authorisation rule of every request. A route without a rule cannot be registered. */
export const LIBRARY_ACCESS = {
  getVersion: { scope: "none", relation: "none" },
  getEntity: { scope: "read", relation: "none" },
  createEntity: { scope: "write", relation: "none" },
  getCollection: { scope: "read", relation: "visible" },
  createCollection: { scope: "write", relation: "owner" },
  getContainer: { scope: "read", relation: "visible" },
  createContainer: { scope: "write", relation: "owner" },
  getImage: { scope: "read", relation: "visible" },
  createImage: { scope: "write", relation: "owner" },
  deleteImage: { scope: "write", relation: "owner" },
  getInspection: { scope: "read", relation: "visible" },
  downloadImage: { scope: "read", relation: "visible" },
  getPartDigests: { scope: "read", relation: "visible" },
  uploadImageV1: { scope: "write", relation: "owner" },
  startUpload: { scope: "write", relation: "owner" },
  completeUpload: { scope: "write", relation: "owner" },
  startMultipartUpload: { scope: "write", relation: "owner" },
  getMultipartUpload: { scope: "write", relation: "owner" },
  requestUploadPart: { scope: "write", relation: "owner" },
  completeMultipartUpload: { scope: "write", relation: "owner" },
  abortMultipartUpload: { scope: "write", relation: "owner" },
  getTags: { scope: "read", relation: "visible" },
  setTag: { scope: "write", relation: "owner" },
  getArchTags: { scope: "read", relation: "visible" },
  setArchTag: { scope: "write", relation: "owner" },
  setTags: { scope: "write", relation: "owner" },
  search: { scope: "read", relation: "visible" },
  sendUpload: { scope: "none", relation: "capability" },
  sendUploadPart: { scope: "none", relation: "capability" },
  receiveImage: { scope: "none", relation: "capability" },
} as const satisfies Readonly<Record<LibraryRouteName, AccessRule>>;
