/** What `sifshelf version --json` prints. */
export interface VersionJson {
  readonly ok: true;
  /** Version of `sifshelf`. */
  readonly version: string;
  /** The library's answer; `null` if no library is named. */
  readonly library: {
    /** Base URL of the library. */
    readonly url: string;
    readonly version: string;
    readonly apiVersion: string;
  } | null;
}
