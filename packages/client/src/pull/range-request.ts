import { LibraryError } from "../errors/library-error.js";
import type { Connection } from "../http/connection.js";
import { sendFollowing } from "../http/follow.js";
import { discardBody } from "../http/read-body.js";
import { replyError } from "../http/reply-error.js";
import { protocolError } from "../http/request-json.js";
import type { LibraryReply } from "../http/send.js";
import type { ReplyHeaders } from "../http/transport.js";
import { announcesPage, WEB_PAGE } from "../http/web-page.js";
import { isContentRange, rangeHeader, type ByteRange } from "../transfer/byte-range.js";

/** A range of a file of known size. */
export interface RangeRequest {
  readonly url: URL;
  readonly part: ByteRange;
  /** Size of the whole file, in bytes. */
  readonly sizeBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Requests a range of a file. The reply is a 206 for exactly this range, or a 200 with the whole
 * file, which is all that some servers support.
 *
 * @throws LibraryError `protocol` for any other success; by the status of a refusal.
 */
export async function requestRange(
  connection: Connection,
  { url, part, sizeBytes, signal }: RangeRequest,
): Promise<LibraryReply> {
  const headers = { range: rangeHeader(part) };
  const reply = await sendFollowing(connection, {
    method: "GET",
    url,
    headers,
    signal,
    inBlocks: true,
  });
  await requireRange(connection, reply, { part, sizeBytes });
  return reply;
}

/**
 * Rejects a reply that is neither a 206 for exactly this range nor a 200 with the whole file, and
 * discards it.
 *
 * @throws LibraryError `protocol` for any other success; by the status of a refusal.
 */
export async function requireRange(
  connection: Connection,
  reply: LibraryReply,
  { part, sizeBytes }: Pick<RangeRequest, "part" | "sizeBytes">,
): Promise<void> {
  const problem = rangeProblem(reply, part, sizeBytes);
  if (problem === undefined) return;
  if (reply.status >= 400) throw await replyError(connection, reply);
  await discardBody(reply);
  const { message, status, method, url: shownUrl } = protocolError(reply, problem);
  const total = /\/([0-9]{1,16})$/.exec(reply.headers.get("content-range")?.trim() ?? "")?.[1];
  if (total !== undefined && Number(total) !== sizeBytes) {
    throw changedObject(new LibraryError("protocol", message, { status, method, url: shownUrl }));
  }
  // Another server, or the same one later, may reply correctly.
  throw new LibraryError("protocol", message, { status, method, url: shownUrl, retryable: true });
}

function rangeProblem(reply: LibraryReply, part: ByteRange, sizeBytes: number): string | undefined {
  const { status, headers } = reply;
  if (status === 200) return contentProblem(headers, sizeBytes);
  if (status !== 206) return `${status} is not a valid status for a range request`;
  if (!isContentRange(headers.get("content-range") ?? "", part, sizeBytes)) {
    return `its Content-Range is not bytes ${part.offset}-${part.offset + part.length - 1}/${sizeBytes}`;
  }
  return contentProblem(headers, part.length);
}

/**
 * Returns why headers do not announce exactly `sizeBytes` plain bytes. A missing length is not a
 * reason.
 */
export function contentProblem(headers: ReplyHeaders, sizeBytes: number): string | undefined {
  if (announcesPage(headers)) return WEB_PAGE;
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") return "its bytes are compressed or encoded";
  const length = headers.get("content-length");
  if (length === null || sizeBytes === 0 || Number(length) === sizeBytes) return undefined;
  return `its Content-Length is not ${sizeBytes}`;
}

const CHANGED = Symbol("the object changed");

/** Marks an error: the bytes of two different objects were mixed. */
export function changedObject<E extends Error>(error: E): E {
  return Object.assign(error, { [CHANGED]: true });
}

/** Whether a transfer failed because its object was replaced meanwhile. */
export function isChangedObject(error: unknown): boolean {
  return error instanceof Error && CHANGED in error;
}
