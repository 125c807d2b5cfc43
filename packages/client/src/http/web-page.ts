import { MAX_ERROR_BODY_BYTES } from "@sifshelf/protocol";

import { LibraryError } from "../errors/library-error.js";
import { readLimited } from "./read-body.js";
import { redactUrl } from "./redact.js";
import type { ReplyHeaders } from "./transport.js";
import type { LibraryReply } from "./send.js";

const PAGE = /^[\s\uFEFF]*<(?:!doctype\s+html|html|head|body|!--)/i;

/** How errors describe a web page in place of a reply. */
export const WEB_PAGE = "it is a web page, perhaps of a network that requires a login";

/**
 * Whether the headers announce a web page. Some libraries announce plain text as one, so check the
 * text where there is some.
 */
export function announcesPage(headers: ReplyHeaders): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get("content-type") ?? "");
}

/** Whether a text is a web page. */
export function isPage(text: string): boolean {
  return PAGE.test(text);
}

/**
 * Reads the rest of a reply that indicates success by its status alone, like {@link discardBody},
 * but rejects a web page: something between client and library may send one in reply to everything.
 *
 * @throws LibraryError `protocol`
 */
export async function requireNoPage(reply: LibraryReply): Promise<void> {
  const read = await readLimited(reply.body, MAX_ERROR_BODY_BYTES).catch(() => undefined);
  if (read === undefined || !announcesPage(reply.headers) || !isPage(read.text)) return;
  const { request, status } = reply;
  const url = redactUrl(reply.url);
  const message = `${request.method} ${url}: the reply (${status}) does not follow the protocol: ${WEB_PAGE}`;
  throw new LibraryError("protocol", message, { status, method: request.method, url });
}
