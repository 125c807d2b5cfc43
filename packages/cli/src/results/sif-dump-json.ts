/** What `sifshelf sif dump --json` prints; `-o` is needed with it. */
export interface SifDumpJson {
  readonly ok: true;
  /** The file that was written, as it was typed. */
  readonly path: string;
  readonly id: number;
  readonly sizeBytes: number;
}
