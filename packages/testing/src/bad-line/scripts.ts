import type { LineFault, LineRequest, LineScript } from "./bad-line.js";
import { unanswered } from "./lies.js";

/** Which requests are meant. */
export type RequestFilter = (request: LineRequest) => boolean;

/** Every such request meets the fault. */
export function always(filter: RequestFilter, fault: LineFault): LineScript {
  return (request) => (filter(request) ? fault : undefined);
}

/** Such requests meet the fault, so many of them, after so many that do not. */
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

/** Such requests meet the fault or not, as `random` has it: with this probability. */
export function sometimes(
  { probability, random }: { readonly probability: number; readonly random: () => number },
  filter: RequestFilter,
  fault: LineFault,
): LineScript {
  return (request) => (filter(request) && random() < probability ? fault : undefined);
}

/** The first script that has a fault for the request decides. */
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
 * After so many such requests, what comes on any of the connections that were opened until then is
 * never answered, as when a router has forgotten them.
 */
export function forgottenConnections(after: number, filter: RequestFilter): LineScript {
  const forgotten = new Set<number>();
  let seen = 0;
  return (request) => {
    if (seen >= after) return forgotten.has(request.connection) ? unanswered : undefined;
    if (filter(request)) seen += 1;
    forgotten.add(request.connection);
    return undefined;
  };
}
