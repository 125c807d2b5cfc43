import { decode, type Identity, IdentitySchema } from "@sifshelf/protocol";

import type { Connection } from "./http/connection.js";
import { requestJson } from "./http/request-json.js";
import type { RequestOptions } from "./request-options.js";

/** Who the token belongs to. @throws LibraryError `unauthorized` when it belongs to nobody. */
export function getIdentity(
  connection: Connection,
  { signal }: RequestOptions = {},
): Promise<Identity> {
  return requestJson(connection, { route: "getIdentity", params: {}, signal }, (json) =>
    decode(IdentitySchema, json, "identity"),
  );
}
