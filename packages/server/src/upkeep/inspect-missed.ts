import type { Digest } from "@sifshelf/protocol";

import { listUninspectedBlobs } from "../catalog/inspections.js";
import { inspectBlob } from "../inspection/inspect-blob.js";
import type { Library } from "../library/library.js";

const PAGE = 100;

/** Most failures that are reported of one run; they have one cause more often than not. */
const MAX_REPORTED = 10;

/**
 * Inspects the stored bytes that have not been inspected: those whose upload was the last thing that the process did, those that
 * could not be read before, and those of a release that did not inspect. Answers how many; stops early when the signal is aborted.
 *
 * @throws AggregateError with the first failures, after everything was tried.
 */
export async function inspectMissed(library: Library, signal?: AbortSignal): Promise<number> {
  const isStopped = () => signal?.aborted === true;
  const failures: unknown[] = [];
  let inspected = 0;
  for await (const digest of uninspected(library)) {
    if (isStopped()) return inspected;
    try {
      if (await inspectBlob(library, digest, signal)) inspected += 1;
    } catch (error) {
      if (isStopped()) return inspected;
      if (failures.length < MAX_REPORTED) failures.push(error);
    }
  }
  if (failures.length === 0) return inspected;
  throw new AggregateError(failures, `stored images could not be inspected; ${inspected} were`);
}

async function* uninspected({ catalog }: Library): AsyncGenerator<Digest, void, undefined> {
  for (let after: Digest | undefined; ;) {
    const page = await listUninspectedBlobs(catalog, { after, limit: PAGE });
    yield* page;
    after = page.at(-1);
    if (page.length < PAGE) return;
  }
}
