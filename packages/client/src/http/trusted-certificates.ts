import { optionError } from "../option-error.js";
import { platformModule } from "./platform-module.js";

/**
 * What to trust: certificates of `ca` (PEM) beside those that Node brings along. What Node is told to trust replaces the
 * others, so they are named again; those of `NODE_EXTRA_CA_CERTS` cannot be had in Node 20.
 *
 * @throws LibraryError `option-not-valid`
 */
export function trustedCertificates(ca: string | undefined): readonly string[] | undefined {
  if (ca === undefined) return undefined;
  if (!ca.includes("-----BEGIN CERTIFICATE-----"))
    throw optionError("ca holds no certificate in PEM");
  return [...(platformModule("node:tls")?.rootCertificates ?? []), ca];
}
