/**
 * Hashes 1 GiB on one core and prints the GB per second. It is a separate process, so that nothing
 * else affects it.
 */
import { createHash } from "node:crypto";

const CHUNK_BYTES = 2 ** 20;
const CHUNKS = 1024;

const chunk = Buffer.alloc(CHUNK_BYTES, 7);
const hash = createHash("sha256");
const start = performance.now();
for (let done = 0; done < CHUNKS; done++) hash.update(chunk);
hash.digest();
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ gigabytesPerSecond: (CHUNKS * CHUNK_BYTES) / seconds / 1e9 }));
