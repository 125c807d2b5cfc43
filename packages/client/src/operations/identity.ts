import { decode, type Identity, IdentitySchema } from "@sifshelf/protocol";

import { LibraryError } from "../errors/library-error.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import { isSameOrigin } from "../http/origin.js";
import { discardBody } from "../http/read-body.js";
import { redactUrl } from "../http/redact.js";
import { readJson, requestRoute } from "../http/request-json.js";
import { withRetries } from "../http/retry.js";

/**
 * Returns the owner of the token.
 *
 * @throws LibraryError `unauthorized` when it belongs to nobody; `redirect-refused` when another
 *   origin replies, which never saw the token and so cannot know.
 */
export async function getIdentity(
  connection: Connection,
  { signal }: RequestOptions = {},
): Promise<Identity> {
  return withRetries(connection, signal, () => askIdentity(connection, signal));
}

async function askIdentity(
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<Identity> {
  const reply = await requestRoute(connection, { route: "getIdentity", params: {}, signal });
  if (!isSameOrigin(reply.url, connection.baseUrl)) {
    await discardBody(reply);
    const url = redactUrl(reply.url);
    throw new LibraryError(
      "redirect-refused",
      `cannot determine who owns the token: ${connection.baseUrl.host} redirects to ${url}, where the token is not sent; use the base URL of that library`,
      { url },
    );
  }
  return readJson(reply, (json) => decode(IdentitySchema, json, "identity"));
}
