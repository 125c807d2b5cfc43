import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { writeSifFile } from "@sifshelf/testing";

import { compare, type Comparison } from "../compare.js";
import { machineFacts } from "../machine-facts.js";
import { timeProcess, type TimedProgram } from "../timed-process.js";
import { type BenchLibrary, startBenchLibrary } from "../transfers/bench-library.js";
import { benchEnvironment } from "../transfers/measured-run.js";
import { writeResults } from "../write-results.js";

const SIFSHELF = fileURLToPath(new URL("../../../packages/cli/bin/sifshelf.js", import.meta.url));
const REF = "library://alice/images/small:1";
const ROUNDS = 40;

/** One request with `node:http` and nothing else: the minimum that a network command needs. */
const ONE_REQUEST = `require("node:http").get(process.argv[1], (reply) => {
  reply.setEncoding("utf8");
  let text = "";
  reply.on("data", (chunk) => (text += chunk));
  reply.on("end", () => process.stdout.write(text));
});`;

/**
 * Compares the start time of the command line with `node -e 0`: `npm run bench -- start`. The goal
 * for `sifshelf show` of a small library is at most 1.5 times that time.
 */
export async function benchStart(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-start-"));
  const place = { data: join(folder, "data"), host: "127.0.0.1", prefix: [], home: folder };
  try {
    const library = await startBenchLibrary(place);
    try {
      await measureStart(folder, library);
    } finally {
      await library.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureStart(folder: string, library: BenchLibrary): Promise<void> {
  const env = {
    ...benchEnvironment(folder),
    SIFSHELF_LIBRARY: library.url,
    SIFSHELF_TOKEN: library.token,
  };
  const node = (...args: string[]): TimedProgram => ({ command: process.execPath, args, env });
  const image = join(folder, "small.sif");
  await writeSifFile(image, { payloadBytes: 4096 });
  timeProcess(node(SIFSHELF, "push", image, REF));
  const comparisons: readonly Pick<Comparison, "name" | "ours">[] = [
    { name: "sifshelf show", ours: node(SIFSHELF, "show", REF) },
    { name: "sifshelf --version", ours: node(SIFSHELF, "--version") },
    { name: "one request with node:http", ours: node("-e", ONE_REQUEST, `${library.url}/version`) },
  ];
  const results = comparisons.map((comparison) =>
    compare({ ...comparison, peer: "node -e 0", theirs: node("-e", "0") }, ROUNDS),
  );
  await writeResults("start", { machine: machineFacts(), results });
}
