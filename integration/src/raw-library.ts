import { createHash } from "node:crypto";

/**
 * Speaks the library protocol with bare `fetch`, so that a bug in our client cannot hide one in our
 * server. Does not follow redirects.
 */
export interface RawLibrary {
  readonly url: string;
  /** Sends a request; `path` is relative to the library or absolute. */
  send(method: string, path: string, options?: RawOptions): Promise<RawReply>;
}

export interface RawOptions {
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawReply {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** The reply's `data`, or the whole JSON where there is none; undefined if it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into replies of many shapes
  readonly data: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- likewise
  readonly error: any;
}

/** A library at that URL. */
export function rawLibrary(url: string): RawLibrary {
  return { url, send: (method, path, options) => send(url, { method, path }, options) };
}

async function send(
  base: string,
  { method, path }: { method: string; path: string },
  { token, json, body, headers }: RawOptions = {},
): Promise<RawReply> {
  const response = await fetch(new URL(path, `${base}/`), {
    method,
    redirect: "manual",
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    ...(body !== undefined && { body: Buffer.from(body) }),
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const parsed = tryJson(bytes);
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    data: parsed?.data ?? parsed,
    error: parsed?.error,
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into replies of many shapes
function tryJson(bytes: Buffer): any {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** SHA-256 as lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What {@link pushRaw} pushes, and the target. */
export interface RawPush {
  readonly token: string;
  readonly entity: string;
  readonly collection: string;
  readonly container: string;
  readonly bytes: Uint8Array;
  readonly isPrivate?: boolean;
  readonly tags?: readonly string[];
  /** Leave the image without its bytes. */
  readonly recordOnly?: boolean;
}

/** Ids of what was pushed. */
export interface RawPushed {
  readonly entityId: string;
  readonly collectionId: string;
  readonly containerId: string;
  readonly imageId: string;
  readonly hash: string;
}

/**
 * Pushes as the oldest clients do: creates everything by name, sends the bytes in one request (v1),
 * sets plain tags.
 */
export async function pushRaw(library: RawLibrary, push: RawPush): Promise<RawPushed> {
  const { token } = push;
  const create = async (kind: string, json: object): Promise<string> => {
    const reply = await library.send("POST", `v1/${kind}`, { token, json });
    if (reply.status !== 200)
      throw new Error(`POST ${kind}: ${reply.status} ${reply.bytes.toString()}`);
    return reply.data.id;
  };
  const hash = `sha256.${sha256Hex(push.bytes)}`;
  const entityId = await create("entities", { name: push.entity });
  const privacy = { private: push.isPrivate ?? false };
  const collectionId = await create("collections", {
    name: push.collection,
    entity: entityId,
    ...privacy,
  });
  const containerId = await create("containers", {
    name: push.container,
    collection: collectionId,
  });
  const imageId = await create("images", { hash, container: containerId });
  if (push.recordOnly !== true) {
    const sent = await library.send("POST", `v1/imagefile/${imageId}`, { token, body: push.bytes });
    if (sent.status !== 200)
      throw new Error(`POST imagefile: ${sent.status} ${sent.bytes.toString()}`);
    for (const tag of push.tags ?? ["latest"]) {
      const json = { Tag: tag, ImageID: imageId };
      const set = await library.send("POST", `v1/tags/${containerId}`, { token, json });
      if (set.status !== 200) throw new Error(`POST tags: ${set.status} ${set.bytes.toString()}`);
    }
  }
  return { entityId, collectionId, containerId, imageId, hash };
}
