import { ROUTES } from "@sifshelf/protocol";

import { replyError } from "../http/reply-error.js";
import { routeUrl } from "../http/request-json.js";
import { send } from "../http/send.js";
import { requireNoPage } from "../http/web-page.js";
import { sourceBody } from "../transfer/source-body.js";
import type { UploadJob } from "./upload-plan.js";

/**
 * Sends an image in one request to the library itself, as libraries before API version 2 require.
 */
export async function uploadV1(job: UploadJob): Promise<void> {
  const { connection, imageId, source, meter, signal } = job;
  const body = sourceBody(
    source,
    { offset: 0, length: source.size },
    { signal, onSent: meter.reach },
  );
  const reply = await send(connection, {
    method: ROUTES.uploadImageV1.method,
    url: routeUrl(connection, { route: "uploadImageV1", params: { imageId } }),
    body,
    signal,
    headers: { "content-type": "application/octet-stream" },
    replyTimeoutMs: connection.completionTimeoutMs,
  });
  if (reply.status < 200 || reply.status > 299) throw await replyError(connection, reply);
  await requireNoPage(reply);
}
