import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { freeChunks } from "./free-chunks.js";

describe("freeChunks", () => {
  it("empties large chunks that have memory of their own", () => {
    const chunks = [Buffer.alloc(64 * 1024), Buffer.allocUnsafeSlow(16 * 1024)];
    const memory = chunks.map(({ buffer }) => buffer);
    freeChunks(chunks);
    expect(memory.map(({ byteLength }) => byteLength)).toEqual([0, 0]);
  });

  it("leaves alone what may share memory with others", () => {
    const large = randomBytes(64 * 1024);
    const chunks = [large.subarray(0, 32 * 1024), Buffer.from("pooled"), Buffer.alloc(100)];
    const before = chunks.map((chunk) => chunk.toString("hex"));
    freeChunks(chunks);
    expect(chunks.map((chunk) => chunk.toString("hex"))).toEqual(before);
  });
});
