import { parseDigest } from "@sifshelf/protocol";

import type { JobKind } from "../jobs/enqueue-job.js";
import type { Job, JobHandler } from "../jobs/job.js";
import { inspectBlob } from "../library/inspect-blob.js";
import type { Library } from "../library/library.js";
import { collectBlobs } from "./collect-blobs.js";
import { expireUploads } from "./expire-uploads.js";
import { fillInspections } from "./fill-inspections.js";
import { fillSearch, tidySearch } from "./fill-search.js";
import { forgetEnded } from "./forget-ended.js";
import { sweepOrphans } from "./sweep-orphans.js";
import { sweepStagings } from "./sweep-stagings.js";

/** Takes what upkeep has to say. A pino logger is one. */
export interface UpkeepLog {
  info(facts: object, message: string): void;
}

const MINUTE_MS = 60_000;

/**
 * Returns the handler of every kind of job. The periodic ones keep the library tidy: they run when
 * the server starts and then every 5 minutes or every hour, and find what a kill left behind. What
 * they did is logged, unless it was nothing.
 */
export function upkeepJobs(
  library: Library,
  log: UpkeepLog,
): Readonly<Record<JobKind, JobHandler>> {
  type Task = (library: Library, job: Job) => Promise<number>;
  const counted = (task: string, run: Task) => async (job: Job) => {
    const count = await run(library, job);
    if (count > 0) log.info({ task, count }, "upkeep");
    return String(count);
  };
  const often = 5 * MINUTE_MS;
  const rarely = 60 * MINUTE_MS;
  return {
    inspect: { run: ({ key, signal }) => inspect(library, key, signal) },
    "fill-inspections": { run: counted("inspect images", fillInspections) },
    "fill-search": { run: counted("fill search", fillSearch), everyMs: often },
    "tidy-search": {
      run: async (job) => String(await tidySearch(library, job)),
      everyMs: often,
    },
    "expire-uploads": { run: counted("expire uploads", expireUploads), everyMs: often },
    "sweep-stagings": { run: counted("sweep ended uploads", sweepStagings), everyMs: often },
    "collect-blobs": { run: counted("collect garbage", collectBlobs), everyMs: often },
    "sweep-orphans": { run: counted("sweep orphans", sweepOrphans), everyMs: rarely },
    "forget-ended": {
      run: async (job) => String(await forgetEnded(library, job)),
      everyMs: rarely,
    },
  };
}

async function inspect(library: Library, key: string, signal: AbortSignal): Promise<void> {
  await inspectBlob(library, parseDigest(key), signal);
}
