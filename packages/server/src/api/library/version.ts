import { API_VERSION_V2_ARCH_TAGS, type VersionInfo } from "@sifshelf/protocol";

import { type RouteDeps, registerRoute } from "./register-route.js";

/** The version of the protocol and of the server. All services of one origin share this path. */
export function registerVersionRoute(deps: RouteDeps, version: string): void {
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
}
