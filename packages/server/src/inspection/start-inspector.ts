import type { Digest } from "@sifshelf/protocol";

import { inspectBlob, type InspectionDeps } from "./inspect-blob.js";

/** Most inspections that wait. What is not taken is found by upkeep. */
const MAX_WAITING = 1000;

/** Takes what the inspector has to say. A pino logger is one. */
export interface InspectorLog {
  error(facts: object, message: string): void;
}

/** Inspects what has been uploaded, in the background. */
export interface Inspector {
  /** Has stored bytes inspected when those before them are. Never throws; a failure is logged, and upkeep tries again. */
  readonly inspectSoon: (digest: Digest) => void;
  /** Stops: what waits is left to upkeep. Answers when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Starts an inspector, which takes work until it is stopped. */
export function startInspector(deps: InspectionDeps, log: InspectorLog): Inspector {
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting = new Set<Promise<void>>();
  const inspect = async (digest: Digest) => {
    try {
      await inspectBlob(deps, digest, signal);
    } catch (err) {
      if (!signal.aborted) log.error({ digest, err }, "inspection failed");
    }
  };
  return {
    inspectSoon(digest) {
      if (signal.aborted || waiting.size >= MAX_WAITING) return;
      const work = inspect(digest).finally(() => waiting.delete(work));
      waiting.add(work);
    },
    async stop() {
      stopping.abort();
      await Promise.all(waiting);
    },
  };
}
