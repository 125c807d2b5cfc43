import type { SifDescriptor } from "../src/format/descriptor.js";
import type { SifImage } from "../src/format/read-sif.js";

/** Returns the descriptor of an object that must exist. */
export function objectById({ descriptors }: SifImage, id: number): SifDescriptor {
  const found = descriptors.find((descriptor) => descriptor.id === id);
  if (found === undefined) throw new Error(`the image has no object ${id}`);
  return found;
}
