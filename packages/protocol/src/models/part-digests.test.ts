import { describe, expect, it } from "vitest";

import { decode } from "../schema/decode.js";
import { PartDigestsResponseSchema } from "./part-digests.js";

const read = (data: unknown) => decode(PartDigestsResponseSchema, { data }, "digests").data;
const DIGEST = `sha256:${"a1".repeat(32)}`;

describe("PartDigestsResponseSchema", () => {
  describe("when digests are there", () => {
    it("returns them in order", () => {
      const data = { partSize: 1048576, first: 3, digests: [DIGEST, `sha256:${"0".repeat(64)}`] };
      expect(read(data)).toEqual(data);
    });
  });

  it.each([
    ["upper case", [DIGEST.toUpperCase()]],
    ["an image hash", [DIGEST.replace(":", ".")]],
    ["hex alone", [DIGEST.slice(7)]],
    ["a number", [7]],
    ["more than a request may ask for", Array.from({ length: 1025 }, () => DIGEST)],
  ])("rejects %s", (_, digests) => {
    expect(() => read({ partSize: 1048576, first: 0, digests })).toThrow(
      expect.objectContaining({ code: "wire-format" }),
    );
  });
});
