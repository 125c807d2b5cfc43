import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseFuzzOptions } from "../fuzz/main.js";
import { randomOf } from "../fuzz/random.js";
import { type Finding, runInputs } from "../fuzz/run-inputs.js";
import { fuzzTargets } from "../fuzz/targets.js";
import { corpusBytes, corpusCases } from "../testing/corpus.js";

/** A part of what `npm run fuzz` tries; the same in every run. */
const INPUTS = 4000;
const SEED = 20_261_123;
const PROGRAM = fileURLToPath(new URL("../fuzz/fuzz.mjs", import.meta.url));
const TIMEOUT_MS = 120_000;

const targets = await fuzzTargets(
  corpusCases("derived").map(([name]) => corpusBytes("derived", `${name}.sif`)),
);

describe("hostile input", () => {
  it.each(Object.entries(targets))(
    "neither crashes %s nor gets a wrong result from it",
    async (name, target) => {
      const count = Math.ceil((INPUTS * target.share) / 1000);
      const range = { seed: SEED, target: name, from: 0, to: count };
      // Memory and time are the whole test run's here; `npm run fuzz` bounds them.
      const limits = { maxRssBytes: Number.POSITIVE_INFINITY, maxCpuMs: Number.POSITIVE_INFINITY };
      const { findings, inputs, outcomes } = await runInputs(target, range, limits);
      expect(findings).toEqual([] satisfies Finding[]);
      expect(inputs).toBe(count);
      expect(Object.keys(outcomes).length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it("is the same for the same seed", async () => {
    for (const [name, target] of Object.entries(targets)) {
      const first = await target.input(randomOf(1, name, 5));
      expect(await target.input(randomOf(1, name, 5))).toEqual(first);
    }
  });
});

/** Runs the fuzzing program on a target that goes wrong on purpose. */
async function selfTest(target: string, seed: number): Promise<{ code: number; text: string }> {
  const args = [PROGRAM, "--inputs", "12", "--seed", `${seed}`, "--jobs", "1", "--hang-ms", "4000"];
  return await new Promise((resolve) => {
    execFile(process.execPath, [...args, "--target", target], (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), text: stdout });
    });
  });
}

describe("the fuzzing program", () => {
  it.each([
    ["self-test-throw", 3, "TypeError: cannot read properties of undefined"],
    ["self-test-hang", 3, "hangs for 4000 ms"],
    ["self-test-stall", 5, "hangs for 4000 ms"],
    ["self-test-heap", 4, "heap out of memory"],
    ["self-test-buffers", 3, "MiB"],
  ])(
    "reports what goes wrong on purpose: %s",
    async (target, seed, what) => {
      const { code, text } = await selfTest(target, seed);
      expect(text).toContain(`FINDING --target ${target} --seed ${seed} --from `);
      expect(text).toContain(what);
      expect(text).toMatch(/total: 12 inputs, [1-9]\d* findings/);
      expect(code).toBe(1);
    },
    TIMEOUT_MS,
  );

  it("reports no finding where nothing goes wrong", async () => {
    const { code, text } = await selfTest("clear-sign", 1);
    expect(text).toContain("total: 12 inputs, 0 findings");
    expect(code).toBe(0);
  });

  it("rejects options that are not numbers", () => {
    expect(() => parseFuzzOptions(["--inputs", "many"])).toThrow(/whole number/);
    expect(parseFuzzOptions(["--seed", "7", "--target", "dsse"])).toMatchObject({
      seed: 7,
      inputs: 1_000_000,
      targets: ["dsse"],
    });
  });
});
