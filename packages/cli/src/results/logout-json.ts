/** What `sifshelf logout --json` prints. */
export interface LogoutJson {
  readonly ok: true;
  /** Base URL of the library. */
  readonly library: string;
  /** Whether there was a token. */
  readonly removed: boolean;
}
