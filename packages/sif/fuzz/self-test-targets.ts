import type { FuzzTarget } from "./targets.js";

const HARMLESS: FuzzTarget = {
  share: 0,
  input: async (random) => Uint8Array.of(random(256)),
  run: async () => "ok",
};

/** A self-test fails at one of this many inputs. */
const INPUTS = 8;

/** Targets that fail on purpose, to prove that a run notices. They have no share of a run. */
export const SELF_TEST_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  "self-test-throw": onBadByte(() => {
    throw new TypeError("cannot read properties of undefined");
  }),
  "self-test-hang": onBadByte(() => {
    for (;;);
  }),
  "self-test-stall": onBadByte(() => new Promise(() => setTimeout(() => undefined, 2 ** 30))),
  "self-test-heap": onBadByte(() => {
    const kept: number[][] = [];
    for (;;) kept.push(Array<number>(1_000_000).fill(kept.length + 0.5));
  }),
  "self-test-buffers": onBadByte(() => {
    buffers.push(Buffer.alloc(2 ** 30, 1));
  }),
};

const buffers: Buffer[] = [];

function onBadByte(fail: () => unknown): FuzzTarget {
  return {
    ...HARMLESS,
    input: async (random) => Uint8Array.of(random(INPUTS)),
    async run([byte]) {
      if (byte === 0) await fail();
      return "ok";
    },
  };
}
