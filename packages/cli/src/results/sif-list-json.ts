import type { SifObjectJson } from "./sif-object-json.js";

/** What `sifshelf sif list --json` prints. */
export interface SifListJson {
  readonly ok: true;
  /** In the order of the descriptor table. */
  readonly objects: readonly SifObjectJson[];
}
