import { createDsseVerifier, type DsseVerifier } from "../keys/dsse-verifier.js";
import { parsePublicKey } from "../keys/public-key.js";
import { KeyError } from "../keys/key-error.js";
import { readCertificates } from "./certificate.js";
import { requireTrustedChain } from "./certificate-chain.js";

/** Certificates in PEM text. */
export interface CertificateOptions {
  /** The signer's certificate. Further ones after it count as intermediates. */
  readonly certificate: string;
  /** Certificates between the signer's and a root. Default none. */
  readonly intermediates?: string;
  /** The trusted certificates. There is no default: platforms differ in what they trust. */
  readonly roots: string;
  /** Time at which all certificates must be valid. Default: now. */
  readonly at?: Date;
}

/**
 * Checks that a certificate leads to a root, is valid now and is meant for code signing, and
 * returns its key for verifying DSSE signatures. SIF images themselves hold no certificates.
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
