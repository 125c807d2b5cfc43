import type { Identity } from "@sifshelf/protocol";

import { credentialOf } from "../../accounts/credential.js";
import { publicBaseOf } from "../../http/public-url.js";
import { type RemoteDeps, registerRemoteRoute } from "./register-route.js";

/** An identity with the password that the tools use for the endpoint's registry. */
interface RemoteIdentity extends Identity {
  readonly oidc_user_meta: { readonly secret: string };
}

/**
 * The owner of the request's token. The reply is not wrapped in `data`.
 *
 * The secret is the token that the request presented, so it can do no more than its holder can
 * already, and revoking the token ends both. `email` names the account at this server, for the line
 * `Logged in as: NAME <EMAIL>`; the server knows no mailboxes.
 */
export function registerIdentityRoute(deps: RemoteDeps): void {
  registerRemoteRoute(deps, "getIdentity", async ({ principal, request }) => {
    const { hostname } = new URL(publicBaseOf(request, deps.publicUrl));
    const identity: RemoteIdentity = {
      username: principal.userName,
      email: `${principal.userName}@${hostname}`,
      realname: "",
      oidc_user_meta: { secret: credentialOf(request.headers.authorization) ?? "" },
    };
    return identity;
  });
}
