import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/**
 * The image hash of a file as Node computes it, without any code of Sifshelf: what the demo
 * compares with.
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `sha256.${hash.digest("hex")}`;
}
