import { type Hash, createHash } from "node:crypto";
import { crc32 } from "node:zlib";

import type { SumName, Sums } from "../blob-store.js";

/** Sums that go on with each chunk. */
export interface RunningSums {
  update(chunk: Uint8Array): void;
  /** To be called once. */
  finish(): Sums;
}

/** Begins these sums. */
export function startSums(names: readonly SumName[]): RunningSums {
  const sums = names.map((name) => [name, name === "crc32" ? startCrc32() : hash(name)] as const);
  return {
    update(chunk) {
      for (const [, sum] of sums) sum.update(chunk);
    },
    finish: () => Object.fromEntries(sums.map(([name, sum]) => [name, sum.hex()])),
  };
}

interface RunningSum {
  update(chunk: Uint8Array): void;
  hex(): string;
}

function hash(name: "sha256" | "md5"): RunningSum {
  const running: Hash = createHash(name);
  return { update: (chunk) => void running.update(chunk), hex: () => running.digest("hex") };
}

function startCrc32(): RunningSum {
  let value = 0;
  return {
    update: (chunk) => void (value = crc32(chunk, value)),
    hex: () => value.toString(16).padStart(8, "0"),
  };
}
