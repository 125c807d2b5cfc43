/** What `sifshelf login --json` prints. */
export interface LoginJson {
  readonly ok: true;
  /** Base URL of the library. */
  readonly library: string;
  /** Name of the user whose token it is. */
  readonly username: string;
  /** Whether the library is the default now. */
  readonly isDefault: boolean;
}
