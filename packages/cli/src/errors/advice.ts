import { isCertificateFault, isProxyRefusal, type LibraryErrorCode } from "@sifshelf/client";
import { ERROR_CODES, isErrorCode } from "@sifshelf/protocol";

/** What to try after errors that are not in the protocol's catalogue. */
const CLIENT_ADVICE: Partial<Record<LibraryErrorCode, string>> = {
  network: "check the URL of the library and the network, then try again",
  timeout: "try again; check the network if it happens again",
  integrity: "try again; tell the library's admin if it happens again, and do not use the bytes",
  protocol: "check that the URL is that of a library, and that no proxy is in between",
  "unexpected-status": "check that the URL is that of a library, and that no proxy is in between",
  "redirect-refused": "tell the library's admin; the library leads to a place it must not lead to",
  "no-ranges": "pull the image and read the file",
  "source-changed": "push again when nothing writes to the file any more",
  "file-exists": "use --force to replace the file, or name another one with -o",
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
  return "name the file of your site's certificate authority with --ca-file, if it has its own";
}
