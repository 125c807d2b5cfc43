import type { PartLedger } from "../part-ledger.js";
import type { BlobPaths } from "./blob-paths.js";
import { createFlusher } from "./flusher.js";
import { createHashLanes } from "./hash-lanes.js";
import type { StagingTools } from "./staged-files.js";
import { type StagedHashes, createStagedHashes } from "./staged-hashes.js";
import { type Turns, createTurns } from "./turns.js";

/** The folder of uploads, and everything that works on it. One per process and data folder. */
export interface Staging extends StagingTools {
  readonly paths: BlobPaths;
  readonly hashes: StagedHashes;
  readonly parts: PartLedger;
  /**
   * Held by upload id while the parts of an upload are replaced, and from the start of its
   * completion to the end; held by upload id and number while one part is received.
   */
  readonly turns: Turns;
}

/** Creates the staging of a data folder. */
export function createStaging(paths: BlobPaths, parts: PartLedger): Staging {
  const lanes = createHashLanes();
  return {
    paths,
    parts,
    lanes,
    flusher: createFlusher(),
    hashes: createStagedHashes((uploadId) => paths.staged(uploadId), lanes),
    turns: createTurns(),
  };
}
