import { isCertificateFault, isProxyRefusal, type LibraryErrorCode } from "@sifshelf/client";
import { ERROR_CODES, isErrorCode } from "@sifshelf/protocol";

/** What to try after errors that are not in the protocol's catalogue. */
const CLIENT_ADVICE: Partial<Record<LibraryErrorCode, string>> = {
  network: "check the URL of the library and the network, then try again",
  timeout: "try again; if it happens again, check the network",
  integrity: "try again; if it happens again, tell the library's admin. Do not use the bytes",
  protocol: "check that the URL is the URL of a library, and that no proxy interferes",
  "unexpected-status": "check that the URL is the URL of a library, and that no proxy interferes",
  "redirect-refused":
    "tell the library's admin; the library redirects to an address that is not allowed",
  "no-ranges": "pull the image and read the file",
  "source-changed": "push again when nothing writes to the file",
  "file-exists": "use --force to replace the file, or choose another one with -o",
};

/** What to try after an error with this code; `undefined` if there is no advice. */
export function adviceFor(code: LibraryErrorCode): string | undefined {
  return isErrorCode(code) ? ERROR_CODES[code].advice : CLIENT_ADVICE[code];
}

/**
 * What to try after errors of proxies and certificates, where trying again would not help. Also
 * looks at the causes of an error.
 */
export function networkAdvice(error: unknown): string | undefined {
  if (isProxyRefusal(error)) return "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY in the environment";
  if (!isCertificateFault(error)) return undefined;
  return "use --ca-file with the file of your site's certificate authority, if it has one";
}
