import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type Compared, compare, type Comparison } from "../compare.js";
import { machineFacts } from "../machine-facts.js";
import { PARTITION_ID } from "../sparse-image.js";
import { writeResults } from "../write-results.js";
import { type BenchImages, makeImages, type SignedImage } from "./make-images.js";

const GO_SOURCES = fileURLToPath(new URL("../../../interop/go/sif", import.meta.url));
const OUR_WORK = fileURLToPath(new URL("sif-work.js", import.meta.url));
const LIST_ROUNDS = 15;
const HASH_ROUNDS = 11;

/** Compares opening, listing, hashing and verifying of images with the reference implementation. */
export async function benchSif(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-bench-sif-"));
  try {
    console.log("building the reference and writing images, 4 GiB");
    const go = buildGo(folder);
    const images = await makeImages(folder);
    const results = comparisons(images, go).map(({ rounds, ...comparison }): Compared => {
      console.log(`measuring: ${comparison.name}, ${comparison.peer}`);
      return compare(comparison, rounds);
    });
    const peers = { "Go library": goVersion(), siftool: hasSiftool() ? "Debian's" : "absent" };
    await writeResults("sif", { machine: { ...machineFacts(), ...peers }, results });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Measured = Comparison & { readonly rounds: number };

function comparisons(images: BenchImages, go: string): Measured[] {
  const sizes: [string, string][] = [
    ["1 MiB", images.small],
    ["1 GiB", images.large],
    ["100 GiB, sparse", images.huge],
  ];
  const partition = [PARTITION_ID];
  return [
    ...sizes.map(([size, image]) =>
      goComparison(`open and list, ${size}`, { go, ...listOf(image) }),
    ),
    ...(hasSiftool() ? sizes.map(([size, image]) => siftoolComparison(size, image)) : []),
    goComparison("hash the partition, 1 GiB", {
      go,
      ours: ["hash", images.large],
      theirs: { do: "hash", image: images.large, objects: partition },
      rounds: HASH_ROUNDS,
    }),
    verification("verify DSSE, 1 GiB", go, { key: "keys", signed: images.dsse }),
    verification("verify PGP, 1 GiB", go, { key: "pgp", signed: images.pgp }),
  ];
}

interface Sides {
  readonly go: string;
  readonly ours: readonly string[];
  /** A request to the program in `interop/go/sif`. */
  readonly theirs: object;
  readonly rounds: number;
}

function goComparison(name: string, { go, ours, theirs, rounds }: Sides): Measured {
  return {
    name,
    rounds,
    peer: "Go library",
    ours: { command: process.execPath, args: [OUR_WORK, ...ours] },
    theirs: { command: go, args: [], input: JSON.stringify(theirs) },
  };
}

function listOf(image: string): Omit<Sides, "go"> {
  return { ours: ["list", image], theirs: { do: "list", image }, rounds: LIST_ROUNDS };
}

function verification(
  name: string,
  go: string,
  { key, signed }: { readonly key: "keys" | "pgp"; readonly signed: SignedImage },
): Measured {
  return goComparison(name, {
    go,
    ours: ["verify", signed.image, signed.key],
    theirs: { do: "verify", image: signed.image, [key]: [signed.key] },
    rounds: HASH_ROUNDS,
  });
}

function siftoolComparison(size: string, image: string): Measured {
  return {
    name: `open and list, ${size}`,
    peer: "siftool list",
    rounds: LIST_ROUNDS,
    ours: { command: process.execPath, args: [OUR_WORK, "list", image] },
    theirs: { command: "siftool", args: ["list", image] },
  };
}

function buildGo(folder: string): string {
  const program = join(folder, "go-sif");
  const { status, stderr } = spawnSync("go", ["build", "-o", program, "."], { cwd: GO_SOURCES });
  if (status !== 0) throw new Error(`building the reference failed: ${stderr?.toString()}`);
  return program;
}

function goVersion(): string {
  const format = "{{.Version}}";
  const args = ["list", "-m", "-f", format, "github.com/sylabs/sif/v2"];
  const { stdout } = spawnSync("go", args, { cwd: GO_SOURCES, encoding: "utf8" });
  return `github.com/sylabs/sif/v2 ${stdout.trim()}`;
}

function hasSiftool(): boolean {
  return spawnSync("siftool", ["version"]).status === 0;
}
