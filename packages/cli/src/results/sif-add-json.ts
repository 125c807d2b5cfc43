import type { SifObjectJson } from "./sif-object-json.js";

/** What `sifshelf sif add --json` prints. */
export interface SifAddJson {
  readonly ok: true;
  /** The file as it was typed. */
  readonly path: string;
  /** The object that was added. */
  readonly object: SifObjectJson;
}
