import type { FastifyRequest } from "fastify";

import type { Principal } from "../../access/principal.js";
import { principalOfTokenId } from "../../accounts/token-principal.js";
import { faultOf } from "../../faults/fault.js";
import { publicUrlOf } from "../../http/public-url.js";
import type { Library } from "../../library/library.js";

/** A transfer that a request's signed URL allows. */
export interface CheckedTransfer {
  /** SHA-256 of the bytes, lower-case hex; null if unknown. */
  readonly sha256: string | null;
  /** The client that the URL was granted to. */
  readonly principal: Principal;
}

/**
 * Checks the signed URL of a request, and that the token it was made for is still valid. The domain
 * checks again what that principal may see and change.
 *
 * @param path The path that was signed, without leading slash.
 * @throws Fault `forbidden` or `unauthorized`; `not-found` if the library's store has no such URLs.
 */
export async function checkSignedUrl(
  { blobs, catalog, now }: Library,
  request: FastifyRequest,
  path: string,
): Promise<CheckedTransfer> {
  if (blobs.signedUrls === undefined) throw faultOf("not-found");
  const query = new URLSearchParams(request.url.split("?").slice(1).join("?"));
  const { tokenId, sha256 } = await blobs.signedUrls.verify({
    method: request.method,
    path,
    query,
  });
  return { sha256, principal: await principalOfTokenId(catalog, tokenId, now()) };
}

/** The base URL by which the client of a request reaches the library, with a slash at its end. */
export function baseUrlOf(request: FastifyRequest, publicUrl: string | undefined): string {
  return publicUrlOf(request, publicUrl, "");
}
