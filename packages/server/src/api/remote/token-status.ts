import { authenticate } from "../../accounts/authenticate.js";
import { Fault, faultOf } from "../../faults/fault.js";
import type { Library } from "../../library/library.js";
import { type RemoteDeps, registerRemoteRoute } from "./register-route.js";

/**
 * Whether a token is valid. `remote login` knows 200 and 404, which it reports as "invalid
 * credentials"; a 401 it reports as "unknown".
 */
export function registerTokenStatusRoute(deps: RemoteDeps): void {
  registerRemoteRoute(deps, "getTokenStatus", async ({ request }) => ({
    data: await tokenStatus(deps.library, request.headers.authorization),
  }));
}

async function tokenStatus(library: Library, authorization: string | undefined) {
  try {
    const principal = await authenticate(library.catalog, authorization, library.now());
    if (principal.kind === "user") return { username: principal.userName, scope: principal.scope };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "unauthorized") throw error;
  }
  throw faultOf("not-found");
}
