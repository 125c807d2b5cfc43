import type { SifDescriptor, SifImage } from "@sifshelf/sif";

import { CliError } from "./cli-error.js";

/**
 * The object of an image with this id.
 *
 * @throws {CliError} `object-not-found`
 */
export function findObject({ descriptors }: SifImage, id: number): SifDescriptor {
  const found = descriptors.find((descriptor) => descriptor.id === id);
  if (found !== undefined) return found;
  throw new CliError("object-not-found", `the image has no object ${id}`, {
    next: '"sifshelf sif list" shows the objects',
  });
}
