import type { FastifyBaseLogger, FastifyInstance } from "fastify";

import { libraryApi } from "./api/library/library-api.js";
import { libraryErrorBody, replyToLibraryFault } from "./api/library/reply-to-fault.js";
import { remoteApi } from "./api/remote/remote-api.js";
import { pingCatalog } from "./catalog/ping-catalog.js";
import { type HttpAppOptions, createHttpApp } from "./http/create-http-app.js";
import { registerHealthRoute } from "./http/health-route.js";
import type { Library } from "./library/library.js";

/** Everything that the HTTP service is built on. */
export interface AppDeps extends Pick<
  HttpAppOptions,
  "trustProxy" | "corsOrigins" | "headersTimeoutMs" | "keepAliveTimeoutMs" | "maxRequests"
> {
  readonly library: Library;
  readonly logger: FastifyBaseLogger;
  /** Our version, for `GET /version`. */
  readonly version: string;
  /** URL under which clients reach the server. Default: what each request says in `Host`. */
  readonly publicUrl?: string | undefined;
  /** URI of the key server that discovery names. Default: this server. */
  readonly keyServer?: string | undefined;
  /** URI of a front server's internal location for the blobs' folder. Default: we send them. */
  readonly accelRedirect?: string | undefined;
}

/**
 * Builds the HTTP service: the shell and a plugin for each protocol. It does not listen and has no
 * other side effect; requests can be injected into it.
 *
 * What belongs to no protocol gets the Library protocol's errors, as every client has always had.
 */
export function buildApp(deps: AppDeps): FastifyInstance {
  const { library, version, publicUrl, keyServer, accelRedirect } = deps;
  const app = createHttpApp({
    ...deps,
    idleTimeoutMs: library.settings.idleTimeoutMs,
    replyToFault: replyToLibraryFault,
    renderBrokenRequest: (report) => libraryErrorBody(report),
  });
  registerHealthRoute(app, () => pingCatalog(library.catalog));
  app.register(libraryApi({ library, version, publicUrl, accelRedirect }));
  app.register(remoteApi({ library, publicUrl, keyServer }));
  return app;
}
