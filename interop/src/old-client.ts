import { type RawReply, rawRequest } from "./raw-request.js";

/** A reply with its body read as JSON. */
export interface JsonReply {
  readonly status: number;
  /** Of a success. */
  readonly data: Readonly<Record<string, unknown>> | null;
  /** Of a failure. */
  readonly error: { readonly code?: number; readonly message?: string } | undefined;
}

/** Returns the reply if its status is one of those; otherwise throws with the server's message. */
export function withStatus(reply: JsonReply, ...statuses: readonly number[]): JsonReply {
  if (statuses.includes(reply.status)) return reply;
  const message = reply.error?.message ?? "without a message";
  throw new Error(`the server returned ${reply.status} (${message}), not ${statuses.join(" or ")}`);
}

/** The `id` of a reply's object. */
export function idOf({ data }: JsonReply): string {
  const id = data?.["id"];
  if (typeof id !== "string") throw new Error(`the reply has no id: ${JSON.stringify(data)}`);
  return id;
}

/** Sends requests the way older Go clients do. */
export interface OldClient {
  /** A request with a JSON body, or none, and without a Content-Type. */
  readonly json: (method: string, path: string, body?: unknown) => Promise<JsonReply>;
  /** Any request with the client's Authorization; `path` may be a URL of the same origin. */
  readonly raw: (
    method: string,
    path: string,
    extra?: { readonly headers?: Record<string, string>; readonly body?: string | Uint8Array },
  ) => Promise<RawReply>;
}

/**
 * Returns a client of the library at `origin` that sends this Authorization header, or none if it
 * is `undefined`.
 */
export function oldClient(origin: string, authorization: string | undefined): OldClient {
  const raw: OldClient["raw"] = async (method, path, { headers, body } = {}) =>
    await rawRequest(origin, {
      method,
      path: path.startsWith(`${origin}/`) ? path.slice(origin.length) : path,
      headers: {
        "User-Agent": "Go-http-client/1.1",
        "Accept-Encoding": "gzip",
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  return {
    raw,
    json: async (method, path, body) => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const reply = await raw(method, path, sent);
      const text = reply.body.toString();
      const { data, error } = text === "" ? {} : JSON.parse(text);
      return { status: reply.status, data, error };
    },
  };
}
