import type { Connection } from "../http/connection.js";
import { uploadUrlOf } from "../http/origin.js";
import { discardBody } from "../http/read-body.js";
import { replyError } from "../http/reply-error.js";
import { protocolError } from "../http/request-json.js";
import { type LibraryReply, send } from "../http/send.js";
import type { StreamBody } from "../http/transport.js";
import { requireNoPage } from "../http/web-page.js";

/** The statuses with which storages confirm that they have the bytes. */
const STORED: ReadonlySet<number> = new Set([200, 201, 204]);

/** Bytes to send to a URL that authorises itself. */
export interface PresignedUpload {
  readonly uploadUrl: string;
  readonly body: StreamBody;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends bytes to a presigned URL, without the token, and returns the reply's ETag, empty if there
 * is none.
 *
 * @throws LibraryError `redirect-refused` when the URL must not be used; by the storage's status.
 */
export async function sendToPresignedUrl(
  connection: Connection,
  { uploadUrl, body, headers, signal }: PresignedUpload,
): Promise<string> {
  const url = uploadUrlOf(connection, uploadUrl);
  const reply = await send(connection, {
    method: "PUT",
    url,
    headers,
    body,
    signal,
    authorize: "never",
    replyTimeoutMs: connection.completionTimeoutMs,
  });
  if (!STORED.has(reply.status)) throw await storageError(connection, reply);
  await requireNoPage(reply);
  return reply.headers.get("etag") ?? "";
}

async function storageError(connection: Connection, reply: LibraryReply): Promise<Error> {
  if (reply.status >= 400) return replyError(connection, reply);
  await discardBody(reply);
  return protocolError(reply, "the bytes were neither accepted nor rejected");
}

/**
 * Whether a presigned URL requires the header with the SHA-256: S3 storages name the signed headers
 * in the URL, as scs-library-client's push.go reads it.
 */
export function isContentHashSigned(uploadUrl: string): boolean {
  const query = uploadUrl.split("?", 2)[1] ?? "";
  const signed = new URLSearchParams(query).get("X-Amz-SignedHeaders") ?? "";
  return signed.split(";").includes("x-amz-content-sha256");
}
