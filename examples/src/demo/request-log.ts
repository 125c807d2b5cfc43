import type { Logger } from "@sifshelf/client";

/** Collects the requests of a client, so that the demo can tell which way bytes went. */
export interface RequestLog {
  readonly logger: Logger;
  /** Forgets what was collected so far. */
  clear(): void;
  /** How many requests with this method had a path with `part` in it. */
  count(method: string, part: string): number;
}

/** An empty log. */
export function createRequestLog(): RequestLog {
  const requests: string[] = [];
  return {
    logger: {
      debug: (message, fields) => {
        if (message === "request")
          requests.push(`${String(fields?.["method"])} ${String(fields?.["url"])}`);
      },
    },
    clear: () => {
      requests.length = 0;
    },
    count: (method, part) =>
      requests.filter((request) => request.startsWith(`${method} `) && request.includes(part))
        .length,
  };
}
