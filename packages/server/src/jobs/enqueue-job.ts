import type { Catalog } from "../catalog/catalog.js";
import { putJob } from "../catalog/work/jobs.js";

/** The kinds of work that exist. */
export type JobKind =
  /** Reads what a stored blob holds for people to read; the key is its digest. */
  | "inspect"
  /** Inspects the blobs that releases without inspection stored. */
  | "fill-inspections"
  /** Makes searchable what releases without an index stored. */
  | "fill-search"
  /** Merges the small segments of the search index that single writes leave. */
  | "tidy-search"
  /** Ends uploads whose time is up. */
  | "expire-uploads"
  /** Deletes staged bytes of uploads that are not open. */
  | "sweep-stagings"
  /** Deletes blobs that no image refers to. */
  | "collect-blobs"
  /** Deletes stored bytes that the catalog does not know. */
  | "sweep-orphans"
  /** Deletes rows of jobs and leases that ended. */
  | "forget-ended";

/** Work to enqueue. */
export interface JobRequest {
  readonly kind: JobKind;
  /** What it is about. Empty for kinds of which there is one job. */
  readonly key: string;
  /** Earliest start, in milliseconds from now. Default: 0. */
  readonly delayMs?: number;
}

/**
 * Enqueues a job, once per kind and key, whatever its state: one that waits is kept, one that runs
 * is run again, one that has ended starts anew. Inside a domain transaction it is enqueued if and
 * only if that commits; call `library.jobs.wake()` afterwards.
 */
export async function enqueueJob(transaction: Catalog, job: JobRequest): Promise<void> {
  await putJob(transaction, job);
}
