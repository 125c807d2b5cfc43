import type { BlobStore } from "./blobs/blob-store.js";
import { openFilesystemBlobStore } from "./blobs/filesystem/open-filesystem-blob-store.js";
import type { Catalog } from "./catalog/catalog.js";
import { currentSigningKey, findSigningKey } from "./catalog/signing-keys.js";
import { createPartLedger } from "./library/uploads/part-ledger.js";
import { createSignedUrls } from "./transfers/signed-urls.js";

/** What a server's blob store is built on. */
export interface BlobStoreDeps {
  readonly dataFolder: string;
  readonly catalog: Catalog;
  /** How long a signed URL is valid, in milliseconds. */
  readonly urlTtlMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Opens the blob store of a server: a folder, whose URLs this server signs with keys of the catalog
 * and whose parts are noted there.
 */
export function openBlobStore(deps: BlobStoreDeps): Promise<BlobStore> {
  const { dataFolder, catalog, urlTtlMs, now } = deps;
  const signedUrls = createSignedUrls({
    currentKey: () => currentSigningKey(catalog),
    findKey: (id) => findSigningKey(catalog, id),
    urlTtlMs,
    now,
  });
  return openFilesystemBlobStore(dataFolder, {
    signedUrls,
    parts: createPartLedger({ catalog, now }),
  });
}
