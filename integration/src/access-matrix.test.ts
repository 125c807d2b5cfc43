import { ROUTES as LIBRARY_ROUTES, routePath } from "@sifshelf/protocol";
import {
  type AccessRule,
  LIBRARY_ACCESS,
  REMOTE_ACCESS,
  REMOTE_ROUTES,
} from "@sifshelf/server/access";
import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  type RawLibrary,
  type RawPushed,
  type RawReply,
  pushRaw,
  rawLibrary,
  sha256Hex,
} from "./raw-library.js";
import { type TestLibrary, startTestLibrary } from "./test-library.js";

const ROLES = [
  "anonymous",
  "other",
  "reader",
  "owner",
  "admin",
  "revoked",
  "expired",
  "unknown",
] as const;
type Role = (typeof ROLES)[number];
const VISIBILITIES = ["public", "private", "missing"] as const;
type Visibility = (typeof VISIBILITIES)[number];

/** Every route of every protocol that the server speaks, and the rule of each. */
const ROUTES = { ...LIBRARY_ROUTES, ...REMOTE_ROUTES };
const RULES: Readonly<Record<string, AccessRule>> = { ...LIBRARY_ACCESS, ...REMOTE_ACCESS };

/** Target of a request: an image with its bytes, one without, and the names and ids around them. */
interface Target {
  readonly entity: string;
  readonly collection: string;
  readonly container: string;
  readonly stored: RawPushed;
  readonly storedHash: string;
  readonly awaited: RawPushed;
  readonly awaitedBytes: Uint8Array;
  /** An open upload of the awaited image, in parts. */
  readonly uploadId: string;
}

let site: TestLibrary;
let library: RawLibrary;
const tokens = new Map<Role, string | undefined>();
let seed = 0;

beforeAll(async () => {
  site = await startTestLibrary();
  library = rawLibrary(site.url);
  const owner = await site.addUser("owner");
  const other = await site.addUser("other");
  tokens.set("anonymous", undefined);
  tokens.set("owner", await owner.createToken("write"));
  tokens.set("reader", await owner.createToken("read"));
  tokens.set("other", await other.createToken("write"));
  tokens.set("admin", site.adminToken);
  tokens.set("revoked", await owner.createToken("write", { isRevoked: true }));
  tokens.set("expired", await owner.createToken("write", { isExpired: true }));
  tokens.set("unknown", `sifs_${"x".repeat(220)}`);
});

afterAll(() => site.close());

const MISSING_ID = "0123456789abcdef01234567";

async function makeTarget(visibility: Visibility): Promise<Target> {
  seed += 1;
  const token = tokens.get("owner") ?? "";
  const names = { entity: "owned", collection: `c${seed}`, container: `n${seed}` };
  const isPrivate = visibility === "private";
  const bytes = buildSif({ seed: 2 * seed });
  const awaitedBytes = buildSif({ seed: 2 * seed + 1 });
  const stored = await pushRaw(library, { token, ...names, bytes, isPrivate });
  const awaited = await pushRaw(library, {
    token,
    ...names,
    bytes: awaitedBytes,
    isPrivate,
    recordOnly: true,
  });
  const json = { filesize: awaitedBytes.length };
  const started = await library.send("POST", `v2/imagefile/${awaited.imageId}/_multipart`, {
    token,
    json,
  });
  const target = {
    ...names,
    stored,
    storedHash: stored.hash,
    awaited,
    awaitedBytes,
    uploadId: started.data.uploadID,
  };
  return visibility === "missing" ? missingTwin(target) : target;
}

/** The same kind of target, with names and ids that do not exist. */
function missingTwin(target: Target): Target {
  const ids = {
    entityId: MISSING_ID,
    collectionId: MISSING_ID,
    containerId: MISSING_ID,
    imageId: MISSING_ID,
  };
  return {
    ...target,
    entity: "nobody",
    stored: { ...target.stored, ...ids },
    awaited: { ...target.awaited, ...ids },
  };
}

/** The request for each route. The capability routes have separate tests. */
const REQUESTS: Readonly<
  Record<
    Exclude<keyof typeof ROUTES, "sendUpload" | "sendUploadPart" | "receiveImage">,
    (target: Target) => { path: string; json?: unknown; body?: Uint8Array; query?: string }
  >
> = {
  getVersion: () => ({ path: routePath("getVersion", {}) }),
  getIdentity: () => ({ path: routePath("getIdentity", {}) }),
  getTokenStatus: () => ({ path: routePath("getTokenStatus", {}) }),
  getDiscovery: () => ({ path: REMOTE_ROUTES.getDiscovery.path }),
  getTokenPage: () => ({ path: REMOTE_ROUTES.getTokenPage.path }),
  getContainerPage: (names) => ({ path: `library/${refOf(names)}` }),
  getEntity: ({ entity }) => ({ path: routePath("getEntity", { entity }) }),
  createEntity: () => ({ path: routePath("createEntity", {}), json: { name: "owned" } }),
  getCollection: (names) => ({ path: routePath("getCollection", names) }),
  createCollection: ({ stored }) => ({
    path: routePath("createCollection", {}),
    json: { name: "another", entity: stored.entityId },
  }),
  getContainer: (names) => ({ path: routePath("getContainer", names) }),
  createContainer: ({ stored }) => ({
    path: routePath("createContainer", {}),
    json: { name: "another", collection: stored.collectionId },
  }),
  getImage: (names) => ({ path: routePath("getImage", { ref: `${refOf(names)}:latest` }) }),
  createImage: ({ stored }) => ({
    path: routePath("createImage", {}),
    json: { hash: `sha256.${"0".repeat(64)}`, container: stored.containerId },
  }),
  deleteImage: (names) => ({
    path: routePath("deleteImage", { ref: `${refOf(names)}:${names.storedHash}` }),
  }),
  getInspection: (names) => ({
    path: routePath("getInspection", { ref: `${refOf(names)}:latest` }),
  }),
  downloadImage: (names) => ({
    path: routePath("downloadImage", { ref: `${refOf(names)}:latest` }),
  }),
  getPartDigests: ({ stored }) => ({
    path: routePath("getPartDigests", { imageId: stored.imageId }),
    query: "?partSize=1048576&first=0&count=1",
  }),
  uploadImageV1: ({ awaited, awaitedBytes }) => ({
    path: routePath("uploadImageV1", { imageId: awaited.imageId }),
    body: awaitedBytes,
  }),
  startUpload: ({ awaited, awaitedBytes }) => ({
    path: routePath("startUpload", { imageId: awaited.imageId }),
    json: { filesize: awaitedBytes.length, sha256sum: sha256Hex(awaitedBytes) },
  }),
  // The stored image is already complete; completing it again changes nothing.
  completeUpload: ({ stored }) => ({
    path: routePath("completeUpload", { imageId: stored.imageId }),
    json: {},
  }),
  startMultipartUpload: ({ awaited, awaitedBytes }) => ({
    path: routePath("startMultipartUpload", { imageId: awaited.imageId }),
    json: { filesize: awaitedBytes.length },
  }),
  getMultipartUpload: ({ awaited, uploadId }) => ({
    path: routePath("getMultipartUpload", { imageId: awaited.imageId }),
    query: `?uploadID=${uploadId}`,
  }),
  requestUploadPart: ({ awaited, awaitedBytes, uploadId }) => ({
    path: routePath("requestUploadPart", { imageId: awaited.imageId }),
    json: {
      uploadID: uploadId,
      partNumber: 1,
      partSize: awaitedBytes.length,
      sha256sum: sha256Hex(awaitedBytes),
    },
  }),
  completeMultipartUpload: ({ awaited, uploadId }) => ({
    path: routePath("completeMultipartUpload", { imageId: awaited.imageId }),
    json: { uploadID: uploadId, completedParts: [] },
  }),
  abortMultipartUpload: ({ awaited, uploadId }) => ({
    path: routePath("abortMultipartUpload", { imageId: awaited.imageId }),
    json: { uploadID: uploadId },
  }),
  getTags: ({ stored }) => ({ path: routePath("getTags", stored) }),
  setTag: ({ stored }) => ({
    path: routePath("setTag", stored),
    json: { Tag: "new", ImageID: stored.imageId },
  }),
  getArchTags: ({ stored }) => ({ path: routePath("getArchTags", stored) }),
  setArchTag: ({ stored }) => ({
    path: routePath("setArchTag", stored),
    json: { Arch: "amd64", Tag: "new", ImageID: stored.imageId },
  }),
  setTags: ({ stored }) => ({
    path: routePath("setTags", stored),
    json: { tags: [{ Arch: "amd64", Tag: "new", ImageID: stored.imageId }] },
  }),
  search: ({ container }) => ({ path: routePath("search", {}), query: `?value=${container}zzz` }),
};

const refOf = ({ entity, collection, container }: Target) => `${entity}/${collection}/${container}`;

/**
 * Routes that must not reply 404 for an unknown image: clients since 0.5 read that as "no uploads
 * in parts".
 */
const CONFLICT_WHEN_MISSING: readonly string[] = [
  "completeUpload",
  "getMultipartUpload",
  "requestUploadPart",
  "completeMultipartUpload",
  "abortMultipartUpload",
];

/**
 * Routes whose request, once allowed, is refused for its content: a multipart upload whose parts
 * have not arrived.
 */
const REFUSED_WHEN_ALLOWED: readonly string[] = ["completeMultipartUpload"];

/**
 * Routes that require the user's own upload: an admin may open one, but not continue the owner's.
 */
const BOUND_TO_USER: readonly string[] = [
  "completeUpload",
  "getMultipartUpload",
  "requestUploadPart",
  "completeMultipartUpload",
  "abortMultipartUpload",
];

function ruleOf(name: string): AccessRule {
  const rule = RULES[name];
  if (rule === undefined) throw new Error(`${name} has no rule`);
  return rule;
}

type Outcome = "ok" | "allowed" | "unauthorized" | "forbidden" | "missing" | "conflict";

const UNUSABLE: readonly Role[] = ["revoked", "expired", "unknown"];

function expectedOutcome(name: keyof typeof REQUESTS, role: Role, visibility: Visibility): Outcome {
  if (name === "getTokenStatus") {
    return role === "anonymous" || UNUSABLE.includes(role) ? "missing" : "ok";
  }
  if (name === "search" && !UNUSABLE.includes(role)) return "ok";
  return refusedByScope(name, role) ?? expectedOfAllowed(name, role, visibility);
}

/** The outcome that follows from the token alone. */
function refusedByScope(name: keyof typeof REQUESTS, role: Role): Outcome | undefined {
  const { scope } = ruleOf(name);
  if (scope !== "none" && UNUSABLE.includes(role)) return "unauthorized";
  if (role === "anonymous" && (scope === "write" || scope === "token")) return "unauthorized";
  return role === "reader" && scope === "write" ? "forbidden" : undefined;
}

/** The outcome that follows from the object. */
function expectedOfAllowed(
  name: keyof typeof REQUESTS,
  role: Role,
  visibility: Visibility,
): Outcome {
  const ok = REFUSED_WHEN_ALLOWED.includes(name) ? "allowed" : "ok";
  if (name === "getEntity") return visibility === "missing" ? "missing" : "ok";
  if (ruleOf(name).relation === "none") return ok;
  const missing = CONFLICT_WHEN_MISSING.includes(name) ? "conflict" : "missing";
  if (visibility === "missing") return missing;
  if (role === "anonymous" || role === "other")
    return expectedOfStranger(name, visibility, missing);
  if (role !== "admin" || !BOUND_TO_USER.includes(name)) return ok;
  return name === "completeUpload" ? "allowed" : "conflict";
}

function expectedOfStranger(
  name: keyof typeof REQUESTS,
  visibility: Visibility,
  missing: Outcome,
): Outcome {
  // Entities are never private, so a stranger's new collection in one is always forbidden.
  if (visibility === "private" && name !== "createCollection") return missing;
  return ruleOf(name).relation === "owner" ? "forbidden" : "ok";
}

function outcomeOf(reply: RawReply): Outcome {
  if (reply.status === 401) return "unauthorized";
  if (reply.status === 403) return "forbidden";
  if (reply.status === 404) return "missing";
  if (reply.status === 409) return reply.error.reason === "upload-closed" ? "conflict" : "allowed";
  return reply.status === 200 || reply.status === 303 ? "ok" : "allowed";
}

async function ask(name: keyof typeof REQUESTS, role: Role, target: Target): Promise<RawReply> {
  const { path, query = "", ...body } = REQUESTS[name](target);
  return library.send(ROUTES[name].method, path + query, { token: tokens.get(role), ...body });
}

/** All that a client can observe of a reply, except for what differs between any two requests. */
function visiblePartOf(reply: RawReply) {
  const headers = Object.fromEntries(reply.headers);
  for (const varying of ["date", "x-request-id", "content-length"]) delete headers[varying];
  const { requestID: _, ...error } = reply.error ?? {};
  // Pages have no envelope: compare their bytes.
  const text = reply.error === undefined && reply.bytes.toString();
  return { status: reply.status, headers, error, text };
}

describe("the access table", () => {
  it("has a rule for every route and the matrix a request for every rule", () => {
    const covered = [...Object.keys(REQUESTS), "sendUpload", "sendUploadPart", "receiveImage"];
    expect(covered.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    expect(Object.keys(RULES).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    const shared = Object.keys(LIBRARY_ACCESS).filter((name) => Object.hasOwn(REMOTE_ACCESS, name));
    expect(shared).toEqual([]);
  });
});

const names = Object.keys(REQUESTS) as (keyof typeof REQUESTS)[];
describe.each(names)("%s", (name) => {
  describe.each(VISIBILITIES)("when the image is %s", (visibility) => {
    it.each(ROLES)("replies to %s as in the table", async (role) => {
      const target = await makeTarget(visibility);
      const reply = await ask(name, role, target);
      expect({ outcome: outcomeOf(reply), reply: reply.bytes.toString() }).toMatchObject({
        outcome: expectedOutcome(name, role, visibility),
      });
    });
  });

  it.each(["anonymous", "other", "reader", "revoked"] as const)(
    "replies to %s the same for private and missing",
    async (role) => {
      if (role === "reader" && ruleOf(name).scope !== "write") return;
      const isOpen =
        ruleOf(name).relation === "none" || name === "createCollection" || name === "search";
      if (isOpen) return;
      const hidden = await ask(name, role, await makeTarget("private"));
      const missing = await ask(name, role, await makeTarget("missing"));
      expect(visiblePartOf(hidden)).toEqual(visiblePartOf(missing));
    },
  );
});
