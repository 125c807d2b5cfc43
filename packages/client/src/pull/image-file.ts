import type { RouteParams } from "@sifshelf/protocol";

import { isNotFound } from "../errors/library-error.js";
import type { ExpectedBytes } from "../hashing/expected-bytes.js";
import type { Connection } from "../http/connection.js";
import { isRedirect, redirectTarget, sendFollowing } from "../http/follow.js";
import { discardBody } from "../http/read-body.js";
import { replyError } from "../http/reply-error.js";
import { protocolError, routeUrl } from "../http/request-json.js";
import { type LibraryReply, send } from "../http/send.js";
import { contentProblem } from "./range-request.js";

/** Which image's bytes are wanted. */
export interface ImageFileRequest {
  /** Refs by which the library may know the image, the best first. */
  readonly refs: readonly string[];
  readonly arch?: string | undefined;
  /** With a `range`, the reply may be partial. */
  readonly headers?: { readonly range: string } | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where the bytes of an image are: in this reply, or at another URL that may support ranges. */
export type ImageFile =
  | { readonly reply: LibraryReply; readonly url?: undefined }
  | { readonly url: URL; readonly reply?: undefined };

/**
 * Requests the bytes of an image. Refs are tried in turn until the library knows one.
 *
 * @throws LibraryError `not-found`, and by the library's status.
 */
export async function findImageFile(
  connection: Connection,
  { refs: [ref = "", ...others], arch, headers, signal }: ImageFileRequest,
): Promise<ImageFile> {
  try {
    const params: RouteParams<"downloadImage"> = { ref };
    const url = routeUrl(connection, { route: "downloadImage", params, query: { arch } });
    const reply = await send(connection, { method: "GET", url, headers, signal });
    if (isRedirect(reply.status)) return { url: await redirectTarget(connection, reply) };
    const isPart = reply.status === 206 && headers !== undefined;
    if (reply.status !== 200 && !isPart) throw await fileError(connection, reply);
    return { reply };
  } catch (error) {
    if (others.length === 0 || !isNotFound(error)) throw error;
    return findImageFile(connection, { refs: others, arch, headers, signal });
  }
}

/** Returns the reply with all bytes of an image, unread, wherever they are. */
export async function wholeImageFile(
  connection: Connection,
  file: ImageFile,
  { expected, signal }: { expected: ExpectedBytes; signal?: AbortSignal | undefined },
): Promise<LibraryReply> {
  const reply =
    file.reply ?? (await sendFollowing(connection, { method: "GET", url: file.url, signal }));
  if (reply.status !== 200) throw await fileError(connection, reply);
  const problem = contentProblem(reply.headers, expected.sizeBytes);
  if (problem === undefined) return reply;
  await reply.body?.cancel();
  throw protocolError(reply, problem);
}

async function fileError(connection: Connection, reply: LibraryReply): Promise<Error> {
  if (reply.status >= 400) return replyError(connection, reply);
  await discardBody(reply);
  return protocolError(reply, "it contains no image");
}
