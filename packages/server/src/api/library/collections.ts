import { CreateCollectionRequestSchema } from "@sifshelf/protocol";

import { createCollection, getCollection } from "../../library/collections.js";
import { readJsonBody } from "../../http/json-body.js";
import { type RouteDeps, registerRoute } from "./register-route.js";

/** Collections: look up, create. */
export function registerCollectionRoutes(deps: RouteDeps): void {
  registerRoute(deps, "getCollection", ({ principal, params }) =>
    getCollection(deps.library, principal, params),
  );
  registerRoute(deps, "createCollection", async ({ principal, request }) => {
    const body = await readJsonBody(request, CreateCollectionRequestSchema, "collection to create");
    return createCollection(deps.library, principal, body);
  });
}
