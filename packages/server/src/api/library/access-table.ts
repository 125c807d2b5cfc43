import type { RouteName } from "@sifshelf/protocol";

/** What a request needs before anything is looked up. */
export type RequiredScope =
  /** Nothing; a token is not even looked at. */
  | "none"
  /** Reading: any valid token, or none where the site allows anonymous reading. */
  | "read"
  /** Any valid token. */
  | "token"
  /** A token of scope `write` or `admin`. */
  | "write";

/** What the principal's relation to the object must be; checked by the domain function that the route calls. */
export type RequiredRelation =
  /** The request names no object, or one that everyone may know of. */
  | "none"
  /** The object is public, or the principal owns its entity, or is an admin. Otherwise it looks missing. */
  | "visible"
  /** The principal owns the object's entity, or is an admin; `forbidden` if it is merely visible. */
  | "owner"
  /** A signed URL, issued to a principal who still may do this. */
  | "capability";

/** The authorisation rule of one request. */
export interface AccessRule {
  readonly scope: RequiredScope;
  readonly relation: RequiredRelation;
}

/**
 * The authorisation rule of every request. A route without a rule cannot be registered.
 *
 * `getTokenStatus` looks at the token itself: Singularity's login reads a 404, not a 401, as "invalid credentials".
 */
export const ACCESS_TABLE = {
  getVersion: { scope: "none", relation: "none" },
  getIdentity: { scope: "token", relation: "none" },
  getTokenStatus: { scope: "none", relation: "none" },
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
} as const satisfies Readonly<Record<RouteName, AccessRule>>;
