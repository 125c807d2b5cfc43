import { copyFile, open, truncate } from "node:fs/promises";

import { readSif } from "@sifshelf/sif";
import { openFileByteSource } from "@sifshelf/sif/node";

/** Object id of the partition in the images of the benchmarks. */
export const PARTITION_ID = 3;

/**
 * Copies an image and extends its last object, the partition, with a hole so that the file has
 * `bytes` bytes.
 */
export async function makeSparseImage(from: string, to: string, bytes: number): Promise<string> {
  await copyFile(from, to);
  const source = await openFileByteSource(to);
  const { descriptors, header } = await readSif(source);
  await source.close();
  const partition = descriptors.find(({ id }) => id === PARTITION_ID);
  if (partition === undefined) throw new Error("the image has no partition");
  const size = Buffer.alloc(8);
  size.writeBigInt64LE(BigInt(bytes - partition.offset));
  const file = await open(to, "r+");
  const record = header.descriptorsOffset + partition.index * partition.raw.length;
  await file.write(size, 0, 8, record + 25);
  await file.close();
  await truncate(to, bytes);
  return to;
}
