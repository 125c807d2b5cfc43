import { CreateContainerRequestSchema } from "@sifshelf/protocol";

import { createContainer, getContainer } from "../../library/containers.js";
import { readJsonBody } from "../../http/json-body.js";
import { type RouteDeps, registerRoute } from "./register-route.js";

/** Containers: look up, create. */
export function registerContainerRoutes(deps: RouteDeps): void {
  registerRoute(deps, "getContainer", ({ principal, params }) =>
    getContainer(deps.library, principal, params),
  );
  registerRoute(deps, "createContainer", async ({ principal, request }) => {
    const body = await readJsonBody(request, CreateContainerRequestSchema, "container to create");
    return createContainer(deps.library, principal, body);
  });
}
