import type { ErrorResponse } from "@sifshelf/protocol";

import { faultReplier } from "../../http/fault-replier.js";
import { markup, page } from "./html-page.js";

/** The error handler of discovery, identity and token status: the envelope that the tools read. */
export const replyToRemoteFault = faultReplier((report, request, reply): ErrorResponse => {
  if (report.status === 401) void reply.header("www-authenticate", 'Bearer realm="library"');
  const { status, code, message } = report;
  return { error: { code: status, message, reason: code, requestID: request.id } };
});

/**
 * The error handler of pages. A page names neither the request nor its object: what is private and
 * what is missing get the same bytes.
 */
export const replyToPageFault = faultReplier(({ status, message }, _request, reply) =>
  page(reply, String(status), markup`<p>${message}</p>`),
);
