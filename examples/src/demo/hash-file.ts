import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/**
 * Returns the image hash of a file as Node computes it, without any code of Sifshelf, for
 * comparison.
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `sha256.${hash.digest("hex")}`;
}
