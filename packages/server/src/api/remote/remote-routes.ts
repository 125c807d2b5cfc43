import { ROUTES } from "@sifshelf/protocol";

import type { AccessRule } from "../../access/access-rule.js";

/**
 * The requests of a remote endpoint that are not the Library protocol's: what `singularity` and
 * `apptainer` ask besides a library, and the pages whose addresses they print. Paths are relative
 * to the server's root.
 */
export const REMOTE_ROUTES = {
  getDiscovery: { method: "GET", path: "assets/config/config.prod.json" },
  getIdentity: ROUTES.getIdentity,
  getTokenStatus: ROUTES.getTokenStatus,
  getTokenPage: { method: "GET", path: "auth/tokens" },
  getContainerPage: { method: "GET", path: "library/{entity}/{collection}/{container}" },
} as const;

/** The name of a request of the remote endpoint. */
export type RemoteRouteName = keyof typeof REMOTE_ROUTES;

/**
 * The authorisation rule of every request of the remote endpoint. `getTokenStatus` looks at the
 * token itself: the tools read a 404, not a 401, as "invalid credentials".
 */
export const REMOTE_ACCESS = {
  getDiscovery: { scope: "none", relation: "none" },
  getIdentity: { scope: "token", relation: "none" },
  getTokenStatus: { scope: "none", relation: "none" },
  getTokenPage: { scope: "none", relation: "none" },
  getContainerPage: { scope: "read", relation: "visible" },
} as const satisfies Readonly<Record<RemoteRouteName, AccessRule>>;
