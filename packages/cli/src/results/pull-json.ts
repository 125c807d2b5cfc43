/** What `sifshelf pull --json` prints. */
export interface PullJson {
  readonly ok: true;
  /** Ref that was pulled, expanded to three names, without host. */
  readonly ref: string;
  /** Base URL of the library. */
  readonly library: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** Image hash, `sha256.<hex>`; the file's bytes were compared with it. */
  readonly hash: string;
  readonly arch: string | null;
  readonly sizeBytes: number;
  /** Whether bytes were fetched; false when the right file was there already. */
  readonly transferred: boolean;
  /** Bytes that had arrived damaged and were fetched again. */
  readonly repairedBytes: number;
}
