import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { FAULT_CASES } from "./fault-runs/cases.js";
import type { FaultVariant, OpenedFaultCase } from "./fault-runs/fault-case.js";

/** A fixed seed, so that a failure comes from a change and not from chance. */
const SEED = 7;
/** Variants at a time; most of their time is waiting. */
const CONCURRENCY = 6;

/**
 * Runs the cases of `npm run faults` with one seed instead of many, and only some of the variants
 * that transfer little.
 */
describe.each(FAULT_CASES.filter(({ sampleEvery }) => sampleEvery !== 0))(
  "$id: $title",
  (faultCase) => {
    let opened: OpenedFaultCase;
    beforeAll(async () => {
      opened = await faultCase.open();
    });
    afterAll(() => opened.close());

    it("ends each with the right bytes or with a typed error", async () => {
      const broken: string[] = [];
      const light = opened.variants.filter(({ isHeavy }) => isHeavy !== true);
      const { sampleEvery = 1 } = faultCase;
      const queue = light.filter((_, index) => index % sampleEvery === 0).values();
      const runAll = async (variants: Iterable<FaultVariant>) => {
        for (const { name, run } of variants) {
          await run(SEED).catch((error: unknown) => broken.push(`${name}: ${String(error)}`));
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, () => runAll(queue)));
      expect(broken).toEqual([]);
    });
  },
);
