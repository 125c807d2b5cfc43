/** What `sifshelf delete --json` prints. */
export interface DeleteJson {
  readonly ok: true;
  /** Ref that was deleted, expanded to three names, without host. */
  readonly ref: string;
  /** Base URL of the library. */
  readonly library: string;
  /** Image hash of what was deleted. */
  readonly hash: string;
  readonly arch: string;
}
