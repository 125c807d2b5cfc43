import { MAX_SEARCH_PAGE } from "@sifshelf/protocol";

import { Fault } from "../../faults/fault.js";
import { search } from "../../library/search.js";
import { queryText } from "../../http/query.js";
import { type RouteDeps, registerRoute } from "./register-route.js";

/** Search. Its reply has a `page` beside `data`, an extension. */
export function registerSearchRoute(deps: RouteDeps): void {
  registerRoute(deps, "search", async ({ principal, request, reply }) => {
    const limit = queryText(request, "limit");
    const { results, next } = await search(deps.library, principal, {
      value: queryText(request, "value"),
      arches: queryText(request, "arch")
        .split(",")
        .filter((arch) => arch !== ""),
      isSigned: readSigned(queryText(request, "signed")),
      limit: limit === "" ? MAX_SEARCH_PAGE : Number(limit),
      after: queryText(request, "after"),
      isAbandoned: () => request.raw.destroyed,
    });
    return reply.send({ data: results, page: { next } });
  });
}

function readSigned(text: string): boolean | undefined {
  if (text === "") return undefined;
  if (text === "true" || text === "false") return text === "true";
  throw new Fault("bad-request", 'the parameter "signed" is either true or false');
}
