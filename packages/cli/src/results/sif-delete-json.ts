/** What `sifshelf sif delete --json` prints. */
export interface SifDeleteJson {
  readonly ok: true;
  /** The file as it was typed. */
  readonly path: string;
  /** Id of the object that was deleted. */
  readonly id: number;
}
