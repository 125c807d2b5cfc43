/**
 * Hashes 1 GiB on one core and prints how many GB it hashes in a second. A process of its own, so
 * that nothing else is in it.
 */
import { createHash } from "node:crypto";

const PIECE_BYTES = 2 ** 20;
const PIECES = 1024;

const piece = Buffer.alloc(PIECE_BYTES, 7);
const hash = createHash("sha256");
const start = performance.now();
for (let done = 0; done < PIECES; done++) hash.update(piece);
hash.digest();
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ gigabytesPerSecond: (PIECES * PIECE_BYTES) / seconds / 1e9 }));
