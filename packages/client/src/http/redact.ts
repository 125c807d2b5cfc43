const MASK = "***";
const URL_SECRETS = /\b(https?:\/\/)(?:[^\s/?#"'<>]*@)?([^\s?#"'<>]*)([?#][^\s"'<>]*)?/gi;
const MAX_CAUSES = 5;

/**
 * Returns the URL without user info, query and fragment: the query of a presigned URL is its
 * authority.
 */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search === "" ? "" : `?${MASK}`}`;
}

/** Returns `text` with the secret, and everything that a URL can hide, masked. */
export function redactText(text: string, secret: string): string {
  const withoutSecret = secret === "" ? text : text.replaceAll(secret, MASK);
  return withoutSecret.replaceAll(URL_SECRETS, (_, scheme: string, rest: string, tail?: string) =>
    tail === undefined ? scheme + rest : `${scheme}${rest}?${MASK}`,
  );
}

/**
 * Returns a copy of an error and its causes with only their names, codes and masked messages:
 * errors of transports may carry the request, and with it the token.
 */
export function redactCause(error: unknown, secret: string, depth = 0): Error | undefined {
  if (!(error instanceof Error) || depth >= MAX_CAUSES) return undefined;
  const cause = redactCause(error.cause, secret, depth + 1);
  const copy = new Error(
    redactText(error.message, secret),
    cause === undefined ? undefined : { cause },
  );
  Object.defineProperty(copy, "name", { value: error.name });
  if ("code" in error && typeof error.code === "string") {
    Object.assign(copy, { code: redactText(error.code, secret) });
  }
  return copy;
}
