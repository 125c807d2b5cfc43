import type { SifObjectJson } from "./sif-object-json.js";

/** What `sifshelf sif info --json` prints. */
export interface SifInfoJson {
  readonly ok: true;
  readonly object: SifObjectJson;
}
