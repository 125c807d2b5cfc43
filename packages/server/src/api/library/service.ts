import { API_VERSION_V2_ARCH_TAGS, type Identity, type VersionInfo } from "@sifshelf/protocol";

import { authenticate } from "../../accounts/authenticate.js";
import { pingCatalog } from "../../catalog/ping-catalog.js";
import { Fault, faultOf } from "../../faults/fault.js";
import type { Library } from "../../library/library.js";
import { type RouteDeps, registerRoute } from "./register-route.js";

/** What the service says of itself and of the caller: version, identity, token status, health. */
export function registerServiceRoutes(deps: RouteDeps, version: string): void {
  const { app, library } = deps;
  registerRoute(deps, "getVersion", async (): Promise<VersionInfo> => ({
    version,
    apiVersion: API_VERSION_V2_ARCH_TAGS,
    features: {
      atomicTags: true,
      searchPages: true,
      inspections: true,
      parallelParts: true,
      resumableUploads: true,
      partDigests: true,
      partCrc32: true,
    },
  }));
  // Singularity reads this reply bare, without `data` around it.
  registerRoute(deps, "getIdentity", async ({ principal, reply }) => {
    const identity: Identity = { username: principal.userName, email: "", realname: "" };
    return reply.send(identity);
  });
  registerRoute(deps, "getTokenStatus", ({ request }) =>
    tokenStatus(library, request.headers.authorization),
  );
  app.get("/healthz", { logLevel: "warn" }, async (_, reply) => {
    await pingCatalog(library.catalog);
    return reply.send({ status: "ok" });
  });
}

// Singularity's login knows 200 and 404, which it reads as "invalid credentials"; a 401 it would call "unknown".
async function tokenStatus(library: Library, authorization: string | undefined) {
  try {
    const principal = await authenticate(library.catalog, authorization, library.now());
    if (principal.kind === "user") return { username: principal.userName, scope: principal.scope };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "unauthorized") throw error;
  }
  throw faultOf("not-found");
}
