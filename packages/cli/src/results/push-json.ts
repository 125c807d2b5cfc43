/** What `sifshelf push --json` prints. */
export interface PushJson {
  readonly ok: true;
  /** Ref that was pushed to, with its tags and without host. */
  readonly ref: string;
  /** Base URL of the library. */
  readonly library: string;
  /** Image hash, `sha256.<hex>` of the file. */
  readonly hash: string;
  readonly arch: string;
  readonly sizeBytes: number;
  /** Whether bytes were sent; false when the library had them. */
  readonly sent: boolean;
  /** Tags that were set. */
  readonly tags: readonly string[];
  /** Storage of the entity, if the library told; a `totalBytes` of 0 is unlimited. */
  readonly quota: { readonly usedBytes: number; readonly totalBytes: number } | null;
  /** Path of the container's page on the library's site, if the library told. */
  readonly containerUrl: string | null;
}
