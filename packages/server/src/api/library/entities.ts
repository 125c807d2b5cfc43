import { CreateEntityRequestSchema } from "@sifshelf/protocol";

import { createEntity, getEntity } from "../../library/entities.js";
import { readJsonBody } from "../../http/json-body.js";
import { type RouteDeps, registerRoute } from "./register-route.js";

/** Entities: look up, create. */
export function registerEntityRoutes(deps: RouteDeps): void {
  registerRoute(deps, "getEntity", ({ principal, params }) =>
    getEntity(deps.library, principal, params.entity),
  );
  registerRoute(deps, "createEntity", async ({ principal, request }) => {
    const body = await readJsonBody(request, CreateEntityRequestSchema, "entity to create");
    return createEntity(deps.library, principal, body);
  });
}
