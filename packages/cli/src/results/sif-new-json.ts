/** What `sifshelf sif new --json` prints. */
export interface SifNewJson {
  readonly ok: true;
  /** The file as it was typed. */
  readonly path: string;
  /** UUID; all zeros if the image has none. */
  readonly uuid: string;
}
