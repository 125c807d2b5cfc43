import type { ExpandedRef } from "@sifshelf/protocol";

/**
 * The file name that a pull gives an image: `container_tag.sif`, or `container_sha256.<hex>.sif` for a ref by hash,
 * as `singularity pull` names it. Made of the checked ref alone, never of what a server says.
 */
export function outputName({
  container,
  tags,
  hash,
}: Pick<ExpandedRef, "container" | "tags" | "hash">): string {
  return `${container}_${hash ?? tags.join("_")}.sif`;
}
