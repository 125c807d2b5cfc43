import { readSif, type SifImage, type SifStore } from "@sifshelf/sif";
import { editSifFile, openFileByteSource } from "@sifshelf/sif/node";
import { resolve } from "node:path";

import type { CliContext } from "../context/context.js";

/**
 * Changes an image file atomically. The file is read and checked before it is copied, so that wrong
 * input is reported early.
 *
 * @param edit changes the store; receives the image before the change
 * @throws {SifFormatError}, {ByteSourceError}, what `edit` throws, and errors of the file system
 */
export async function editImageFile<Result>(
  file: string,
  { cwd, signal }: Pick<CliContext, "cwd" | "signal">,
  edit: (store: SifStore, before: SifImage) => Promise<Result>,
): Promise<Result> {
  const path = resolve(cwd, file);
  const source = await openFileByteSource(path);
  try {
    await readSif(source, { signal });
  } finally {
    await source.close();
  }
  return editSifFile(path, async (store) => edit(store, await readSif(store, { signal })));
}
