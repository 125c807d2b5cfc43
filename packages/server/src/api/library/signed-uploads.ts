import { CRC32_PART_SUM, PART_SUM_HEADER, routePath } from "@sifshelf/protocol";
import type { FastifyRequest } from "fastify";

import type { UserPrincipal } from "../../access/principal.js";
import { faultOf } from "../../faults/fault.js";
import type { Library } from "../../library/library.js";
import { receivePart } from "../../library/uploads/receive-part.js";
import { receiveUpload } from "../../library/uploads/receive-upload.js";
import { incomingBody } from "../../transfers/incoming-body.js";
import { type RouteDeps, registerRoute } from "./register-route.js";
import { checkSignedUrl } from "./signed-urls.js";

/**
 * The routes behind the URLs that a local store grants: clients send bytes there without their
 * token. The clients treat only 200 as success.
 */
export function registerSignedUploadRoutes(deps: RouteDeps): void {
  const { library } = deps;
  registerRoute(deps, "sendUpload", async ({ params, request, reply }) => {
    const { principal } = await checkUploadUrl(library, request, routePath("sendUpload", params));
    const body = incomingBody(request.raw, library.settings);
    const { etag } = await receiveUpload(library, principal, { ...params, body });
    return reply.code(200).header("etag", etag).send();
  });
  registerRoute(deps, "sendUploadPart", async ({ params, request, reply }) => {
    const path = routePath("sendUploadPart", params);
    const { principal, sha256 } = await checkUploadUrl(library, request, path);
    const { etag } = await receivePart(library, principal, {
      uploadId: params.uploadId,
      partNumber: Number(params.partNumber),
      sha256,
      byCrc32: request.headers[PART_SUM_HEADER] === CRC32_PART_SUM,
      body: incomingBody(request.raw, library.settings),
    });
    return reply.code(200).header("etag", etag).send();
  });
}

interface AllowedUpload {
  readonly principal: UserPrincipal;
  readonly sha256: string | null;
}

async function checkUploadUrl(
  library: Library,
  request: FastifyRequest,
  path: string,
): Promise<AllowedUpload> {
  const { sha256, principal } = await checkSignedUrl(library, request, path);
  if (principal.kind === "anonymous") throw faultOf("forbidden");
  return { principal, sha256 };
}
