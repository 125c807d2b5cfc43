import { isCertificateFault, isProxyRefusal } from "@sifshelf/client";

/** What to try where nothing that comes back later would help; also for what is behind an error. */
export function networkAdvice(error: unknown): string | undefined {
  if (isProxyRefusal(error)) return "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY in the environment";
  if (!isCertificateFault(error)) return undefined;
  return "name the file of your site's certificate authority with --ca-file, if it has its own";
}
