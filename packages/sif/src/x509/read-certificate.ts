import { createDsseVerifier, type DsseVerifier } from "../keys/dsse-verifier.js";
import { parsePublicKey } from "../keys/public-key.js";
import { KeyError } from "../keys/key-error.js";
import { readCertificates } from "./certificate.js";
import { requireTrustedChain } from "./certificate-chain.js";

/** Certificates in PEM text. */
export interface CertificateOptions {
  /** The signer's certificate; further ones after it count as intermediates. */
  readonly certificate: string;
  /** Certificates between the signer's and a root. Default none. */
  readonly intermediates?: string;
  /**
   * Certificates that are trusted. There is no default: platforms differ in what they would trust.
   */
  readonly roots: string;
  /** The time at which all must be valid. Default now. */
  readonly at?: Date;
}

/**
 * Returns a verifier of DSSE signatures for a certificate's key, after checking that the
 * certificate leads to a root, is valid now and meant for code signing. SIF images never hold
 * certificates themselves.
 *
 * @throws {KeyError} `certificate-malformed`, `certificate-untrusted`, `key-unsupported`,
 *   `key-weak`
 */
export async function readCertificateKey(options: CertificateOptions): Promise<DsseVerifier> {
  const [leaf, ...others] = readCertificates(options.certificate);
  if (leaf === undefined) throw new KeyError("certificate-malformed", "there is no certificate");
  const more = options.intermediates === undefined ? [] : readCertificates(options.intermediates);
  await requireTrustedChain(leaf, {
    intermediates: [...others, ...more],
    roots: readCertificates(options.roots),
    at: options.at ?? new Date(),
  });
  return createDsseVerifier(parsePublicKey(leaf.spki));
}
