/**
 * Our side of the measurements, as a process: `sif-work.js list|hash|verify IMAGE [KEY]`. Prints
 * the duration and the processor time of the work, in seconds, without the start of the process and
 * the reading of keys.
 */
import { readFile } from "node:fs/promises";

import {
  readPublicKeys,
  readSif,
  type SifImage,
  sifFacts,
  type TrustedKeys,
  verifySif,
} from "@sifshelf/sif";
import { openFileByteSource } from "@sifshelf/sif/node";

const [task = "", path = "", keyPath] = process.argv.slice(2);

const WORK: Readonly<Record<string, (image: SifImage, trusted: TrustedKeys) => unknown>> = {
  list: sifFacts,
  hash: hashLargest,
  verify: verifySif,
};

async function hashLargest({ source, descriptors }: SifImage): Promise<void> {
  const [largest] = descriptors.toSorted((a, b) => b.size - a.size);
  if (largest === undefined) throw new Error("the image is empty");
  await source.digest?.("sha256", largest);
}

async function readTrusted(file: string): Promise<TrustedKeys> {
  const text = await readFile(file, "utf8");
  if (!text.includes("PGP")) return { keys: await readPublicKeys(text) };
  // Loaded on demand, as in the command line.
  const { readPgpKeys } = await import("@sifshelf/sif/pgp");
  return { pgp: await readPgpKeys([text]) };
}

const work = WORK[task];
if (work === undefined) throw new Error(`no such task: ${task}`);
const trusted = keyPath === undefined ? {} : await readTrusted(keyPath);
const usedBefore = process.cpuUsage();
const start = performance.now();
const source = await openFileByteSource(path);
await work(await readSif(source), trusted);
const seconds = (performance.now() - start) / 1000;
const used = process.cpuUsage(usedBefore);
await source.close();
console.log(JSON.stringify({ seconds, processorSeconds: (used.user + used.system) / 1e6 }));
