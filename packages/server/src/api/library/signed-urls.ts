import type { FastifyRequest } from "fastify";

import type { Principal } from "../../access/principal.js";
import { principalOfTokenId } from "../../accounts/token-principal.js";
import { currentSigningKey, findSigningKey } from "../../catalog/signing-keys.js";
import type { Library } from "../../library/library.js";
import { type Capability, signCapability, verifyCapability } from "../../transfers/capability.js";
import { publicUrlOf } from "../../http/public-url.js";

/** What is allowed to whom; the expiry is the site's. */
export interface UrlGrant extends Omit<Capability, "tokenId" | "expiresAtMs"> {
  readonly principal: Principal;
}

/** An absolute URL that allows one transfer to whoever holds it, until it expires or the principal may no longer do this. */
export async function signedUrl(
  library: Library,
  grant: UrlGrant,
  at: { readonly request: FastifyRequest; readonly publicUrl: string | undefined },
): Promise<string> {
  const { principal, ...allowed } = grant;
  const query = signCapability(await currentSigningKey(library.catalog), {
    ...allowed,
    tokenId: principal.kind === "user" ? principal.tokenId : null,
    expiresAtMs: library.now() + library.settings.urlTtlMs,
  });
  return `${publicUrlOf(at.request, at.publicUrl, grant.path)}?${query}`;
}

/** What a request's signed URL allows, and to whom. */
export interface Granted {
  readonly capability: Capability;
  readonly principal: Principal;
}

/**
 * Checks the signed URL of a request, and that the token that it was made for is still good. What that principal may see and change is
 * checked anew by the domain.
 *
 * @param path The path that was signed, without leading slash.
 * @throws Fault `forbidden` or `unauthorized`.
 */
export async function checkSignedUrl(
  library: Library,
  request: FastifyRequest,
  path: string,
): Promise<Granted> {
  const { catalog } = library;
  const query = new URLSearchParams(request.url.split("?").slice(1).join("?"));
  const capability = await verifyCapability(
    { method: request.method, path, query },
    { nowMs: library.now(), findKey: (id) => findSigningKey(catalog, id) },
  );
  const principal = await principalOfTokenId(catalog, capability.tokenId, library.now());
  return { capability, principal };
}
