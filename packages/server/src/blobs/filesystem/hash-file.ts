import { Worker } from "node:worker_threads";

/**
 * Runs in a thread of its own. Kept as text so that it needs no file of its own beside this one, wherever that ends up. Reads
 * block there, which is the fastest way and holds up nobody.
 */
const HASH_WORKER = `
  const { createHash } = require("node:crypto");
  const { closeSync, openSync, readSync } = require("node:fs");
  const { parentPort, workerData } = require("node:worker_threads");
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafeSlow(1 << 20);
  const file = openSync(workerData, "r");
  try {
    for (;;) {
      const length = readSync(file, buffer, 0, buffer.length, null);
      if (length === 0) break;
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  parentPort.postMessage(hash.digest("hex"));
`;

/** SHA-256 of a file, lower-case hex, without holding up the event loop. Throws what the system throws. */
export function hashFile(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(HASH_WORKER, { eval: true, workerData: path });
    worker.once("message", (sha256: string) => resolve(sha256));
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread that hashes a file ended early")));
  });
}
