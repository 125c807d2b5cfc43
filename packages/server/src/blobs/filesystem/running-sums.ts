import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

import type { SumName, Sums } from "../byte-sink.js";

/** Sums that are updated chunk by chunk. */
export interface RunningSums {
  update(chunk: Uint8Array): void;
  /** Returns the sums. Call once. */
  finish(): Sums;
}

/** Starts these sums. */
export function startSums(names: readonly SumName[]): RunningSums {
  const sums = names.map((name) => [name, startSum(name)] as const);
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

function startSum(name: SumName): RunningSum {
  return name === "crc32" ? startCrc32() : startHash(name);
}

function startHash(name: "sha256" | "md5"): RunningSum {
  const hash = createHash(name);
  return { update: (chunk) => void hash.update(chunk), hex: () => hash.digest("hex") };
}

function startCrc32(): RunningSum {
  let value = 0;
  return {
    update: (chunk) => void (value = crc32(chunk, value)),
    hex: () => value.toString(16).padStart(8, "0"),
  };
}
