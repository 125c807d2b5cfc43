import type { SignedUrls } from "../blobs/signed-urls.js";
import { type SigningKey, signCapability, verifyCapability } from "./capability.js";

/** What signed URLs are made with. */
export interface SignedUrlsDeps {
  /** Returns the key to sign with. */
  readonly currentKey: () => Promise<SigningKey>;
  /** Returns the key that signed an earlier URL; undefined if it is unknown. */
  readonly findKey: (id: string) => Promise<SigningKey | undefined>;
  /** How long a URL is valid, in milliseconds. */
  readonly urlTtlMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Signs URLs of this server's transfer routes, and checks them. */
export function createSignedUrls({
  currentKey,
  findKey,
  urlTtlMs,
  now,
}: SignedUrlsDeps): SignedUrls {
  return {
    async sign(transfer, { tokenId, baseUrl }) {
      const expiresAtMs = now() + urlTtlMs;
      const query = signCapability(await currentKey(), { ...transfer, tokenId, expiresAtMs });
      return { url: `${baseUrl}${transfer.path}?${query}`, headers: {}, expiresAtMs };
    },
    verify: (request) => verifyCapability(request, { nowMs: now(), findKey }),
  };
}
