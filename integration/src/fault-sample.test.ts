import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { FAULT_CASES } from "./fault-runs/cases.js";
import type { FaultVariant, OpenedFaultCase } from "./fault-runs/fault-case.js";

/** The same seed each time, so that a failure is one of the change and not of the day. */
const SEED = 7;
/** Variants at a time: they mostly wait. */
const CONCURRENCY = 6;

/**
 * What `npm run faults` does with many seeds, here with one, and of the variants that move little
 * every few.
 */
describe.each(FAULT_CASES.filter(({ sampleEvery }) => sampleEvery !== 0))(
  "$id: $title",
  (faultCase) => {
    let opened: OpenedFaultCase;
    beforeAll(async () => {
      opened = await faultCase.open();
    });
    afterAll(() => opened.close());

    it("ends each in the right bytes or in a typed error", async () => {
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
