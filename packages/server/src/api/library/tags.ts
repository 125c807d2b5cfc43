import { ArchImageTagSchema, ImageTagSchema, SetTagsRequestSchema } from "@sifshelf/protocol";

import { Fault } from "../../faults/fault.js";
import { getArchTags, getTags, setTags } from "../../library/tags.js";
import { readJsonBody } from "../../http/json-body.js";
import { type RouteDeps, registerRoute } from "./register-route.js";

/** Tags: plain ones (v1), by arch (v2), several at once. */
export function registerTagRoutes(deps: RouteDeps): void {
  const { library } = deps;
  registerRoute(deps, "getTags", ({ principal, params }) =>
    getTags(library, principal, params.containerId),
  );
  registerRoute(deps, "setTag", async ({ principal, params, request }) => {
    const tag = await readJsonBody(request, ImageTagSchema, "tag to set");
    return setTags(library, principal, { ...params, tags: [{ ...tag, Arch: "" }] });
  });
  registerRoute(deps, "getArchTags", ({ principal, params }) =>
    getArchTags(library, principal, params.containerId),
  );
  registerRoute(deps, "setArchTag", async ({ principal, params, request }) => {
    const tag = await readJsonBody(request, ArchImageTagSchema, "tag to set");
    if (tag.Arch === "") throw new Fault("bad-request", "the tag to set has no arch");
    return setTags(library, principal, { ...params, tags: [tag] });
  });
  registerRoute(deps, "setTags", async ({ principal, params, request }) => {
    const { tags } = await readJsonBody(request, SetTagsRequestSchema, "tags to set");
    return setTags(library, principal, { ...params, tags });
  });
}
