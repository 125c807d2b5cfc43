import { join } from "node:path";

import { type WrittenSif, writeSifFile } from "@sifshelf/testing";

/** A SIF file for a test. */
export interface ImageFile extends WrittenSif {
  readonly path: string;
  /** The hash in the form of the library's records. */
  readonly hash: string;
}

/** Writes a SIF file called `name` into the folder. */
export async function writeImageFile(
  folder: string,
  name: string,
  options: Parameters<typeof writeSifFile>[1],
): Promise<ImageFile> {
  const path = join(folder, name);
  const written = await writeSifFile(path, options);
  return { ...written, path, hash: `sha256.${written.sha256}` };
}
