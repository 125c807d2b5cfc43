import { crc32PartToken } from "@sifshelf/protocol";
import { describe, expect, it } from "vitest";

import { createSentCrc32 } from "./sent-crc32.js";

const NINE = Buffer.from("123456789");
/** The check value of CRC-32, as catalogues list it. */
const TOKEN = crc32PartToken("cbf43926");

describe("createSentCrc32", () => {
  it("sums what is sent chunk by chunk", () => {
    const sum = createSentCrc32()!;
    const add = sum.begin();
    add(0, NINE.subarray(0, 4));
    expect(sum.token(9)).toBeUndefined();
    add(4, NINE.subarray(4));
    expect(sum.token(9)).toBe(TOKEN);
  });

  it("starts over when bytes are sent from their start again", () => {
    const sum = createSentCrc32()!;
    const add = sum.begin();
    add(0, NINE.subarray(3));
    add(0, NINE);
    expect(sum.token(9)).toBe(TOKEN);
  });

  it("knows what the try before sent until the next begins", () => {
    const sum = createSentCrc32()!;
    sum.begin()(0, NINE);
    expect(sum.token(9)).toBe(TOKEN);
    sum.begin();
    expect(sum.token(9)).toBeUndefined();
  });

  it("is not disturbed by what an earlier try reads late", () => {
    const sum = createSentCrc32()!;
    const early = sum.begin();
    early(0, NINE.subarray(0, 4));
    const add = sum.begin();
    add(0, NINE.subarray(0, 4));
    early(4, NINE.subarray(0, 5));
    add(4, NINE.subarray(4));
    expect(sum.token(9)).toBe(TOKEN);
  });
});
