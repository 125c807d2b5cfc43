import type { ErrorResponse } from "@sifshelf/protocol";

import type { FaultReport } from "../../faults/report-fault.js";
import { faultReplier } from "../../http/fault-replier.js";

/**
 * The error handler of the Library protocol: an envelope with the status, a text and two
 * extensions.
 */
export const replyToLibraryFault = faultReplier((report, request, reply) => {
  void reply.header("cache-control", "no-store");
  if (report.status === 401) void reply.header("www-authenticate", 'Bearer realm="library"');
  return libraryErrorBody(report, request.id);
});

/** The body of an error of the Library protocol. The id is absent where no request was read. */
export function libraryErrorBody(
  { status, code, message }: FaultReport,
  requestId?: string,
): ErrorResponse {
  const id = requestId !== undefined && { requestID: requestId };
  return { error: { code: status, message, reason: code, ...id } };
}
