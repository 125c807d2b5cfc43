import type { LineFault, LineRequest, LineScript } from "./bad-line.js";
import { noReply } from "./lies.js";

/** Selects requests. */
export type RequestFilter = (request: LineRequest) => boolean;

/** Applies the fault to every selected request. */
export function always(filter: RequestFilter, fault: LineFault): LineScript {
  return (request) => (filter(request) ? fault : undefined);
}

/** Applies the fault to `count` selected requests, after the first `after`. */
export function times(
  { count, after = 0 }: { readonly count: number; readonly after?: number },
  filter: RequestFilter,
  fault: LineFault,
): LineScript {
  let seen = 0;
  return (request) => {
    if (!filter(request)) return undefined;
    seen += 1;
    return seen > after && seen <= after + count ? fault : undefined;
  };
}

/** Applies the fault to each selected request with this probability. */
export function sometimes(
  { probability, random }: { readonly probability: number; readonly random: () => number },
  filter: RequestFilter,
  fault: LineFault,
): LineScript {
  return (request) => (filter(request) && random() < probability ? fault : undefined);
}

/** Combines scripts: the first with a fault for the request decides. */
export function anyOf(...scripts: readonly LineScript[]): LineScript {
  return (request) => {
    for (const script of scripts) {
      const fault = script(request);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/**
 * After `after` selected requests, gives no reply on any connection opened until then, like a
 * router that has forgotten them.
 */
export function forgottenConnections(after: number, filter: RequestFilter): LineScript {
  const forgotten = new Set<number>();
  let seen = 0;
  return (request) => {
    if (seen >= after) return forgotten.has(request.connection) ? noReply : undefined;
    if (filter(request)) seen += 1;
    forgotten.add(request.connection);
    return undefined;
  };
}
