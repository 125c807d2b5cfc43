/** What `sifshelf sif setprim --json` prints. */
export interface SifSetprimJson {
  readonly ok: true;
  /** The file as it was typed. */
  readonly path: string;
  /** Id of the partition that is primary now. */
  readonly id: number;
  /** Go name of the image's arch now. */
  readonly arch: string;
}
