import { publicBaseOf } from "../../http/public-url.js";
import { type RemoteDeps, registerRemoteRoute } from "./register-route.js";

/** Where the services of a remote endpoint are; every URI is absolute and has no trailing slash. */
interface DiscoveryDocument {
  readonly libraryAPI: { readonly uri: string };
  readonly tokenAPI: { readonly uri: string };
  readonly keystoreAPI: { readonly uri: string };
}

/**
 * Service discovery: the first request of `remote login` and of most commands on a remote.
 *
 * `libraryAPI.registryUri` is absent on purpose: there is no registry, and without the entry the
 * tools stop before they fetch the user's secret for it. `keystoreAPI` is present even so: without
 * it `pull` fails for unsigned images too.
 */
export function registerDiscoveryRoute(deps: RemoteDeps): void {
  registerRemoteRoute(deps, "getDiscovery", async ({ request }): Promise<DiscoveryDocument> => {
    const uri = publicBaseOf(request, deps.publicUrl);
    return {
      libraryAPI: { uri },
      tokenAPI: { uri },
      keystoreAPI: { uri: deps.keyServer ?? uri },
    };
  });
}
