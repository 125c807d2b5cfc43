import { memoryByteSource } from "@sifshelf/sif";
import { buildSif, TEST_FINGERPRINT } from "@sifshelf/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Fault } from "../faults/fault.js";
import { inspectSif } from "./inspect-sif.js";

const inspect = (bytes: Uint8Array) => inspectSif(memoryByteSource(bytes));

describe("inspectSif", () => {
  describe("when the file is a SIF image", () => {
    it("returns what it says about itself", async () => {
      const uuid = "0b9a2ef4-8d5e-4a7f-9d65-0c2f1b3a4d5e";
      expect(await inspect(buildSif({ arch: "arm64", uuid }))).toEqual({
        arch: "arm64",
        isSigned: false,
        isEncrypted: false,
        fingerprints: [],
        sifId: uuid,
      });
    });

    it("tells signed and encrypted ones", async () => {
      const inspected = await inspect(buildSif({ signed: true, encrypted: true }));
      expect(inspected).toMatchObject({
        isSigned: true,
        isEncrypted: true,
        fingerprints: [TEST_FINGERPRINT],
      });
    });

    it("takes the nil UUID, which many images share, for none", async () => {
      const uuid = "00000000-0000-0000-0000-000000000000";
      expect(await inspect(buildSif({ uuid }))).toMatchObject({ sifId: null });
    });
  });

  describe("when it is not", () => {
    it.each([
      ["nothing", Buffer.alloc(0)],
      ["a text", Buffer.from("#!/bin/sh\n".repeat(100))],
      ["zeros", Buffer.alloc(100_000)],
      ["a SIF image that is cut off", buildSif().subarray(0, 5000)],
    ])("rejects %s with not-a-sif and the reason", async (_, bytes) => {
      await expect(inspect(bytes)).rejects.toMatchObject({
        code: "not-a-sif",
        cause: expect.any(Error),
      });
    });

    it("rejects with what the source throws", async () => {
      const fault = new Fault("internal", "gone");
      const source = { size: 1000, read: () => Promise.reject(fault) };
      await expect(inspectSif(source)).rejects.toBe(fault);
    });
  });

  describe("when bytes of an image are changed at random", () => {
    it("returns, or rejects with not-a-sif", async () => {
      const image = buildSif();
      let refused = 0;
      const change = fc.record({
        at: fc.oneof(fc.nat(127), fc.nat(image.length - 1)),
        value: fc.nat(255),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
          const bytes = image.slice();
          for (const { at, value } of changes) bytes[at] = value;
          const fault: unknown = await inspect(bytes).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (fault === undefined) return;
          refused += 1;
          expect(fault).toMatchObject({ code: "not-a-sif" });
        }),
        { numRuns: 300 },
      );
      expect(refused).toBeGreaterThan(0);
    });
  });
});
