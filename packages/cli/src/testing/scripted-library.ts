import { createHash } from "node:crypto";

import type { ScriptedReply, SeenRequest } from "./scripted-server.js";

/** The token that the scripted library accepts. */
export const GOOD_TOKEN = "good-token";

/**
 * The bytes of its one image, which is at `alice/images/alpine` with the tags `3.18` and `latest`,
 * for amd64.
 */
export const IMAGE_BYTES = Buffer.from("the bytes of an image, not of a SIF file");

/** The hash of {@link IMAGE_BYTES}. */
export const IMAGE_HASH = `sha256.${createHash("sha256").update(IMAGE_BYTES).digest("hex")}`;

/** An escape sequence, which a hostile library could put into any text. */
export const HOSTILE = "\u001b]0;owned\u0007\u202e";

const IMAGE = {
  id: "0123456789abcdef01234567",
  hash: IMAGE_HASH,
  description: `small ${HOSTILE}`,
  container: "c".repeat(24),
  size: IMAGE_BYTES.length,
  uploaded: true,
  signed: true,
  encrypted: false,
  arch: "amd64",
  fingerprints: ["12045c8c0b1004d058de4beda20c27ee7ff7ba84"],
  createdAt: "2026-01-02T03:04:05Z",
  entityName: "alice",
  collectionName: "images",
  containerName: "alpine",
  tags: ["3.18", "latest"],
};

const RECORDS: Readonly<Record<string, object>> = {
  "/v1/entities/alice": {
    id: "e".repeat(24),
    name: "alice",
    quota: 4096,
    size: 40,
    collections: ["x"],
  },
  "/v1/collections/alice/images": { id: "d".repeat(24), name: "images", containers: ["x", "y"] },
  "/v1/containers/alice/images/alpine": {
    id: IMAGE.container,
    name: "alpine",
    private: true,
    images: [IMAGE.id],
    downloadCount: 7,
    archTags: { amd64: { latest: IMAGE.id, "3.18": IMAGE.id } },
  },
};

/** Replies as a small library does: unknown requests get 404, a bad token 401. */
export function replyAsLibrary({
  method,
  url,
  authorization,
}: SeenRequest): ScriptedReply | undefined {
  const { pathname, searchParams } = new URL(url, "http://library");
  if (authorization !== undefined && authorization !== `Bearer ${GOOD_TOKEN}`) {
    return { status: 401, json: { error: { code: 401, message: `no ${HOSTILE} entry` } } };
  }
  if (pathname === "/version") {
    return { json: { data: { version: "9.9.9", apiVersion: "2.0.0-alpha.2" } } };
  }
  if (pathname === "/v1/rbac/users/current") {
    return { json: { username: "alice", email: "", realname: "" } };
  }
  if (pathname === "/v1/search") return { json: { data: search(searchParams) } };
  const record = RECORDS[pathname];
  if (method === "GET" && record !== undefined) return { json: { data: record } };
  return replyForImage(method, pathname, searchParams.get("arch"));
}

function search(params: URLSearchParams): object {
  const isHit = params.get("value") === "alpine";
  return { entity: [], collection: [], container: [], image: isHit ? [IMAGE] : [] };
}

function replyForImage(
  method: string,
  pathname: string,
  arch: string | null,
): ScriptedReply | undefined {
  const [, kind, end] =
    /^\/v1\/(images|imagefile)\/alice\/images\/alpine:(.+)$/.exec(pathname) ?? [];
  const isKnown = arch === "amd64" && ["latest", "3.18", IMAGE_HASH].includes(end ?? "");
  if (!isKnown) return undefined;
  if (kind === "imagefile") return { body: IMAGE_BYTES };
  return method === "DELETE" ? { json: { data: {} } } : { json: { data: IMAGE } };
}
