import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { createPortableSha256, createSha256 } from "./sha256.js";

describe.each([
  ["createSha256", createSha256],
  ["createPortableSha256", createPortableSha256],
])("%s", (_, create) => {
  describe("when bytes come in chunks of any size", () => {
    it.each([0, 1, 55, 56, 63, 64, 65, 1_000, 100_000])("hashes %i bytes", (length) => {
      const bytes = new Uint8Array(length).map((__, index) => index * 13);
      for (const size of [1, 7, 64, 4_096]) {
        if (length / size > 20_000) continue;
        const hash = create();
        for (let at = 0; at < length; at += size) hash.update(bytes.subarray(at, at + size));
        expect(hash.digestHex()).toBe(createHash("sha256").update(bytes).digest("hex"));
      }
    });
  });
});
