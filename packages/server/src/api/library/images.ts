import { CreateImageRequestSchema } from "@sifshelf/protocol";

import { createImage, deleteImage, getImage } from "../../library/images.js";
import { getInspection } from "../../library/inspections.js";
import { readJsonBody } from "../../http/json-body.js";
import { queryArch } from "./query-arch.js";
import { type RouteDeps, registerRoute } from "./register-route.js";

/** Image records: look up, create, delete, and what inspection found. */
export function registerImageRoutes(deps: RouteDeps): void {
  registerRoute(deps, "getImage", ({ principal, params, request }) =>
    getImage(deps.library, principal, { ref: params.ref, arch: queryArch(request) }),
  );
  registerRoute(deps, "createImage", async ({ principal, request }) => {
    const body = await readJsonBody(request, CreateImageRequestSchema, "image to create");
    return createImage(deps.library, principal, body);
  });
  registerRoute(deps, "deleteImage", ({ principal, params, request }) =>
    deleteImage(deps.library, principal, { ref: params.ref, arch: queryArch(request) }),
  );
  registerRoute(deps, "getInspection", ({ principal, params, request }) =>
    getInspection(deps.library, principal, { ref: params.ref, arch: queryArch(request) }),
  );
}
