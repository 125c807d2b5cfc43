/** What Node and OpenSSL call certificates that are not trusted: `UNABLE_TO_VERIFY_LEAF_SIGNATURE`, `CERT_HAS_EXPIRED`. */
const CERTIFICATE_FAULT =
  /^(?:ERR_TLS_CERT_|CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** The code of a proxy that asks for a password or forbids the host. */
export const PROXY_REFUSAL = "PROXY_REFUSAL";

/** Whether an error, or what is behind it, says that a certificate is not trusted. */
export function isCertificateFault(error: unknown): boolean {
  return codesOf(error).some((code) => CERTIFICATE_FAULT.test(code));
}

/** Whether an error, or what is behind it, says that a proxy refuses the connection for good. */
export function isProxyRefusal(error: unknown): boolean {
  return codesOf(error).includes(PROXY_REFUSAL);
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = "code" in error && typeof error.code === "string" ? [error.code] : [];
  return [...own, ...codesOf(error.cause)];
}
