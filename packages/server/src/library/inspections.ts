import type { Inspection } from "@sifshelf/protocol";

import type { Principal } from "../access/principal.js";
import { findInspection } from "../catalog/inspections.js";
import { resolveDownload } from "./downloads.js";
import { faultOf } from "../faults/fault.js";
import { inspectBlob } from "./inspect-blob.js";
import type { Library } from "./library.js";
import type { ImageQuery } from "./resolve-image.js";

/**
 * Returns what the image that the ref addresses holds for people to read. It takes the right to
 * pull the image. An image that waits for its inspection is inspected now.
 *
 * @throws Fault `not-found` when the image is missing, hidden or without its bytes, and what
 *   {@link inspectBlob} throws.
 */
export async function getInspection(
  library: Library,
  principal: Principal,
  query: ImageQuery,
): Promise<Inspection> {
  const { id, hash, blobDigest } = await resolveDownload(library, principal, query);
  const contents =
    (await findInspection(library.catalog, blobDigest)) ??
    (await inspectBlob(library, blobDigest).then(() =>
      findInspection(library.catalog, blobDigest),
    ));
  // The image was deleted, and its bytes with it, since it was found.
  if (contents === undefined) throw faultOf("not-found");
  return { image: id, hash, ...contents };
}
