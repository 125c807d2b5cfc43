import { type Digest, imageHashOfDigest } from "@sifshelf/protocol";

import { findBlob } from "../../catalog/blobs.js";
import { isHashAwaited } from "../../catalog/uploads.js";
import { type Lease, requireLease } from "../../coordination/leases.js";
import type { Library } from "../library.js";

/**
 * Deletes stored bytes that no row knows and no upload will claim. The caller holds the lease of
 * their digest. Age does not matter:
 *
 * 1. Publishing holds the lease from before the file gets its name until the row is there or the
 *    transaction has failed. So while the caller holds it, a file without a row is of a publisher
 *    that failed or died, or of a collector that died.
 * 2. Only an upload that is open can still claim the file: the one that published it and was killed
 *    before it was noted. It is for an image of this hash. While there is one, the file stays. If
 *    it is not completed, its time runs out, and a later run deletes the file.
 * 3. An upload that is opened later brings bytes of its own, and publishes them after the caller
 *    has released the lease.
 *
 * @returns whether there was such a file, and it is gone.
 * @throws Fault `unavailable` when the lease was lost.
 */
export async function deleteIfOrphan(
  library: Library,
  digest: Digest,
  lease: Lease,
): Promise<boolean> {
  if ((await findBlob(library.catalog, digest)) !== undefined) return false;
  const hash = imageHashOfDigest(digest);
  if (await isHashAwaited(library.catalog, hash, library.now())) return false;
  await requireLease(library.catalog, lease);
  return library.blobs.deleteBlob(digest);
}
