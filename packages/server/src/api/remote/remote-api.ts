import type { FastifyInstance } from "fastify";

import { registerContainerPage } from "./container-page.js";
import { registerDiscoveryRoute } from "./discovery.js";
import { registerIdentityRoute } from "./identity.js";
import { missingServices } from "./missing-services.js";
import type { RemoteDeps } from "./register-route.js";
import { replyToPageFault, replyToRemoteFault } from "./reply-to-fault.js";
import { registerTokenPage } from "./token-page.js";
import { registerTokenStatusRoute } from "./token-status.js";

/**
 * The remote endpoint, as a plugin: what `singularity` and `apptainer` need besides the Library
 * protocol in order to use this server as a remote.
 */
export function remoteApi(deps: Omit<RemoteDeps, "app">) {
  return async (app: FastifyInstance): Promise<void> => {
    app.addHook("onRequest", (_request, reply, done) => {
      void reply.header("cache-control", "no-store");
      done();
    });
    app.setErrorHandler(replyToRemoteFault);
    registerDiscoveryRoute({ ...deps, app });
    registerIdentityRoute({ ...deps, app });
    registerTokenStatusRoute({ ...deps, app });
    await app.register(async (pages) => {
      pages.setErrorHandler(replyToPageFault);
      registerTokenPage({ ...deps, app: pages });
      registerContainerPage({ ...deps, app: pages });
    });
    await app.register(missingServices);
  };
}
