import type { FastifyInstance } from "fastify";

import { faultOf } from "../../faults/fault.js";
import type { Library } from "../../library/library.js";
import { registerCollectionRoutes } from "./collections.js";
import { registerContainerRoutes } from "./containers.js";
import { type DownloadOptions, registerDownloadRoutes } from "./downloads.js";
import { registerEntityRoutes } from "./entities.js";
import { registerImageRoutes } from "./images.js";
import { registerPartDigestsRoute } from "./part-digests.js";
import { replyToLibraryFault } from "./reply-to-fault.js";
import { registerSearchRoute } from "./search.js";
import { registerSignedUploadRoutes } from "./signed-uploads.js";
import { registerTagRoutes } from "./tags.js";
import { registerUploadRoutes } from "./uploads.js";
import { registerVersionRoute } from "./version.js";

/** Paths below which a request that matches no route gets the Library protocol's 404. */
const PREFIXES = ["/v1", "/v2/imagefile", "/v2/tags", "/transfers"];

/** What the Library protocol is built on. */
export interface LibraryApiDeps extends DownloadOptions {
  readonly library: Library;
  /** Our version, for `GET /version`. */
  readonly version: string;
}

/** The Library protocol, versions 1 and 2, with our extensions, as a plugin. */
export function libraryApi({ library, version, ...downloads }: LibraryApiDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.addHook("onRequest", (request, reply, done) => {
      void reply.header("cache-control", "no-store");
      // Go clients send JSON without a Content-Type; Fastify rejects one that it cannot read. The
      // route alone decides what a body is.
      const { headers } = request.raw;
      // Deleting makes every later access to an object slow, even if it deletes nothing.
      if (headers["content-type"] !== undefined) delete headers["content-type"];
      done();
    });
    app.setErrorHandler(replyToLibraryFault);
    for (const prefix of PREFIXES) await app.register(handleUnknownPaths, { prefix });
    const deps = { app, library };
    registerVersionRoute(deps, version);
    registerEntityRoutes(deps);
    registerCollectionRoutes(deps);
    registerContainerRoutes(deps);
    registerImageRoutes(deps);
    registerTagRoutes(deps);
    registerSearchRoute(deps);
    registerUploadRoutes(deps, downloads.publicUrl);
    registerSignedUploadRoutes(deps);
    registerDownloadRoutes(deps, downloads);
    registerPartDigestsRoute(deps);
  };
}

async function handleUnknownPaths(app: FastifyInstance): Promise<void> {
  app.setNotFoundHandler(async (request, reply) =>
    replyToLibraryFault(faultOf("not-found"), request, reply),
  );
}
