import { KeyError } from "../keys/key-error.js";
import {
  ecdsaSignatureFromDer,
  type KeyKind,
  parsePublicKey,
  type PublicKeyInfo,
} from "../keys/public-key.js";
import type { Certificate } from "./certificate.js";

/** What a chain of certificates is checked against. */
export interface ChainRules {
  readonly intermediates: readonly Certificate[];
  /** The trusted certificates, at which a chain may end. */
  readonly roots: readonly Certificate[];
  /** Time at which every certificate must be valid. */
  readonly at: Date;
}

/** Most intermediate certificates in a chain. */
const MAX_INTERMEDIATES = 8;
/** Most signatures checked in the search for a chain. */
const MAX_CHECKS = 64;

const OID_CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
const OID_ANY_USAGE = "2.5.29.37.0";

// digitalSignature and nonRepudiation.
const SIGNATURE_USAGES = [0, 1];
const USAGE_CERTIFICATE_SIGNING = 5;

/**
 * Throws unless a chain leads from the leaf to a root and all its certificates are valid at the
 * given time and meant for code signing. Name constraints are not evaluated: a certificate with any
 * is not trusted. Revocation is not checked.
 *
 * @throws {KeyError} `certificate-untrusted`
 */
export async function requireTrustedChain(leaf: Certificate, rules: ChainRules): Promise<void> {
  const usage = leaf.extensions.keyUsage;
  if (usage !== null && !SIGNATURE_USAGES.some((bit) => usage.has(bit))) {
    throw untrusted("the certificate's key is not meant for signatures");
  }
  const search = { rules, checks: 0 };
  if (isUsable(leaf, rules.at) && (await reachesRoot(search, [leaf]))) return;
  throw untrusted(
    "no chain of certificates that are valid now and for code signing leads to a trusted root",
  );
}

interface ChainSearch {
  readonly rules: ChainRules;
  checks: number;
}

/**
 * Searches depth first. `chain` starts with the leaf and grows by one certificate with each step.
 */
async function reachesRoot(search: ChainSearch, chain: readonly Certificate[]): Promise<boolean> {
  const { roots, intermediates } = search.rules;
  const last = chain.at(-1);
  if (last === undefined || chain.length > MAX_INTERMEDIATES + 1) return false;
  if (roots.some((root) => isSame(root, last))) return true;
  for (const root of roots) {
    if (await isIssuer(search, root, chain)) return true;
  }
  for (const next of intermediates) {
    if (chain.some((certificate) => isSame(certificate, next))) continue;
    if ((await isIssuer(search, next, chain)) && (await reachesRoot(search, [...chain, next]))) {
      return true;
    }
  }
  return false;
}

async function isIssuer(
  search: ChainSearch,
  issuer: Certificate,
  chain: readonly Certificate[],
): Promise<boolean> {
  const child = chain.at(-1);
  if (child === undefined || issuer.subject !== child.issuer) return false;
  const { isAuthority, keyUsage, maxPathLength } = issuer.extensions;
  // The leaf does not count towards the path length.
  const isShortEnough = maxPathLength === null || chain.length - 1 <= maxPathLength;
  const maySign = keyUsage === null || keyUsage.has(USAGE_CERTIFICATE_SIGNING);
  if (!isAuthority || !maySign || !isShortEnough) return false;
  if (!isUsable(issuer, search.rules.at)) return false;
  search.checks += 1;
  if (search.checks > MAX_CHECKS)
    throw untrusted("there are too many candidates for the chain of certificates");
  return isSignedBy(child, issuer);
}

/**
 * Reports whether a certificate is valid at a time and meant for code signing, and has no
 * restriction that is not evaluated here.
 */
function isUsable({ notBefore, notAfter, extensions }: Certificate, at: Date): boolean {
  const usage = extensions.extendedKeyUsage;
  const isForCode = usage === null || usage.has(OID_CODE_SIGNING) || usage.has(OID_ANY_USAGE);
  return notBefore <= at && at <= notAfter && isForCode && extensions.unhandled.length === 0;
}

function isSame(a: Certificate, b: Certificate): boolean {
  return (
    a.bytes.length === b.bytes.length && a.bytes.every((byte, index) => byte === b.bytes[index])
  );
}

// Accepted signature algorithms of certificates. SHA-1 and MD5 are not among them.
const HASHES = new Map<string, [KeyKind["name"], string]>([
  ["1.2.840.113549.1.1.11", ["RSA", "SHA-256"]],
  ["1.2.840.113549.1.1.12", ["RSA", "SHA-384"]],
  ["1.2.840.113549.1.1.13", ["RSA", "SHA-512"]],
  ["1.2.840.10045.4.3.2", ["ECDSA", "SHA-256"]],
  ["1.2.840.10045.4.3.3", ["ECDSA", "SHA-384"]],
  ["1.2.840.10045.4.3.4", ["ECDSA", "SHA-512"]],
  ["1.3.101.112", ["Ed25519", ""]],
]);

async function isSignedBy(child: Certificate, issuer: Certificate): Promise<boolean> {
  const [name, hash = ""] = HASHES.get(child.signatureAlgorithm) ?? [];
  const info = tryPublicKey(issuer.spki);
  if (info === null || info.kind.name !== name) return false;
  const { kind } = info;
  const signature =
    kind.name === "ECDSA"
      ? ecdsaSignatureFromDer(child.signature, kind.curve)
      : child.signature.slice();
  if (signature === null) return false;
  const algorithm = algorithmOf(kind, hash);
  try {
    const key = await crypto.subtle.importKey("spki", info.spki, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, key, signature, child.signedPart.slice());
  } catch {
    // A key or signature that the platform rejects has signed nothing.
    return false;
  }
}

function algorithmOf(
  kind: KeyKind,
  hash: string,
): { name: string; hash?: string; namedCurve?: string } {
  if (kind.name === "RSA") return { name: "RSASSA-PKCS1-v1_5", hash };
  return kind.name === "ECDSA"
    ? { name: "ECDSA", namedCurve: kind.curve, hash }
    : { name: "Ed25519" };
}

function tryPublicKey(spki: Uint8Array): PublicKeyInfo | null {
  try {
    return parsePublicKey(spki);
  } catch (error) {
    if (error instanceof KeyError) return null;
    throw error;
  }
}

function untrusted(found: string): KeyError {
  return new KeyError("certificate-untrusted", found);
}
