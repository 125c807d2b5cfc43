import type { Logger } from "@sifshelf/client";

/** Records the requests of a client, so that the demo can report how bytes were sent. */
export interface RequestLog {
  readonly logger: Logger;
  /** Discards the recorded requests. */
  clear(): void;
  /** Returns the number of requests with this method whose path contains `part`. */
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
