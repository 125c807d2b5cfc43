import { createHmac, timingSafeEqual } from "node:crypto";

import type { AllowedTransfer, SignedRequest } from "../blobs/signed-urls.js";
import { Fault } from "../faults/fault.js";

/** What a signed URL allows, until a time. */
export interface Capability extends AllowedTransfer {
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** A key to sign with. */
export interface SigningKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

/** What it takes to check a signed URL. */
export interface CapabilityCheck {
  readonly nowMs: number;
  /** Returns the key of that id; undefined if there is none. */
  readonly findKey: (id: string) => Promise<SigningKey | undefined>;
}

// Longer than any text that is signed; refused before it is hashed.
const MAX_FIELD_LENGTH = 256;
const NONE = "-";
const PARAMETERS = ["key", "expires", "size", "sha256", "token"] as const;
const SIGNATURE = "signature";
const INTEGER = /^(?:0|[1-9][0-9]{0,15})$/;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Returns the query, without `?`, that turns a URL of the capability's path into a signed one. It
 * is a secret until it expires.
 */
export function signCapability(key: SigningKey, capability: Capability): string {
  const query = new URLSearchParams({
    key: key.id,
    expires: String(capability.expiresAtMs),
    size: String(capability.sizeBytes),
    sha256: capability.sha256 ?? NONE,
    token: capability.tokenId ?? NONE,
  });
  query.set(SIGNATURE, sign(key, capability, query).toString("base64url"));
  return query.toString();
}

/**
 * Returns what the signed URL of a request allows. The caller checks whether the token that it was
 * made for is still valid.
 *
 * @throws Fault `forbidden` if the signature is missing, wrong, expired or made for another
 *   request.
 */
export async function verifyCapability(
  request: SignedRequest,
  check: CapabilityCheck,
): Promise<Capability> {
  const capability = readCapability(request);
  const key = await check.findKey(single(request.query, "key"));
  if (key === undefined) throw notValid();
  const expected = sign(key, capability, request.query);
  const given = Buffer.from(single(request.query, SIGNATURE), "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw notValid();
  // Last, so that only the holder of a valid signature learns that it has expired.
  if (check.nowMs >= capability.expiresAtMs) {
    throw new Fault("forbidden", "the signed URL has expired; ask the library for a new one");
  }
  return capability;
}

function readCapability({ method, path, query }: SignedRequest): Capability {
  const sha256 = single(query, "sha256");
  const tokenId = single(query, "token");
  if (sha256 !== NONE && !SHA256.test(sha256)) throw notValid();
  return {
    method: signedMethod(method),
    path,
    sizeBytes: integer(query, "size"),
    sha256: sha256 === NONE ? null : sha256,
    tokenId: tokenId === NONE ? null : tokenId,
    expiresAtMs: integer(query, "expires"),
  };
}

function signedMethod(method: string): Capability["method"] {
  if (method === "GET" || method === "HEAD") return "GET";
  if (method === "PUT") return "PUT";
  throw notValid();
}

function integer(query: URLSearchParams, name: string): number {
  const text = single(query, name);
  const value = Number(text);
  if (INTEGER.test(text) && Number.isSafeInteger(value)) return value;
  throw notValid();
}

/** Returns the parameter's only value: of two, one might be checked and the other used. */
function single(query: URLSearchParams, name: string): string {
  const [value, ...others] = query.getAll(name);
  if (value === undefined || others.length > 0 || value.length > MAX_FIELD_LENGTH) throw notValid();
  return value;
}

/** Each field is preceded by its length, so that no two different requests are signed alike. */
function sign(key: SigningKey, { method, path }: Capability, query: URLSearchParams): Buffer {
  const fields = ["sifshelf-capability-1", method, path];
  for (const name of PARAMETERS) fields.push(single(query, name));
  const hmac = createHmac("sha256", key.secret);
  for (const field of fields) hmac.update(`${Buffer.byteLength(field)}:${field}\n`);
  return hmac.digest();
}

function notValid(): Fault {
  return new Fault(
    "forbidden",
    "the signed URL is not valid for this request; ask the library for a new one and use it unchanged",
  );
}
