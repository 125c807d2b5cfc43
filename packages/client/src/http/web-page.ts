import { MAX_ERROR_BODY_BYTES } from "@sifshelf/protocol";

import { LibraryError } from "../errors.js";
import { readLimited } from "./read-body.js";
import { redactUrl } from "./redact.js";
import type { ReplyHeaders } from "./transport.js";
import type { LibraryReply } from "./send.js";

const PAGE = /^[\s\uFEFF]*<(?:!doctype\s+html|html|head|body|!--)/i;

/** What errors say of a web page that came in place of an answer. */
export const WEB_PAGE = "it is a web page, perhaps of a network that wants a login";

/** Whether headers announce a web page. Some libraries announce plain words so: where there are words, look at them. */
export function announcesPage(headers: ReplyHeaders): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get("content-type") ?? "");
}

/** Whether a text is a web page. */
export function isPage(text: string): boolean {
  return PAGE.test(text);
}

/**
 * Reads the rest of an answer that says success by its status alone, as {@link discardBody} does, but does not believe a
 * web page: whatever is between may answer so to everything.
 *
 * @throws LibraryError `protocol`
 */
export async function requireNoPage(reply: LibraryReply): Promise<void> {
  const read = await readLimited(reply.body, MAX_ERROR_BODY_BYTES).catch(() => undefined);
  if (read === undefined || !announcesPage(reply.headers) || !isPage(read.text)) return;
  const { request, status } = reply;
  const url = redactUrl(reply.url);
  const message = `${request.method} ${url}: the reply (${status}) is not what the protocol says: ${WEB_PAGE}`;
  throw new LibraryError("protocol", message, { status, method: request.method, url });
}
