import { describe, expect, it } from "vitest";

import { MAX_TOKEN_LENGTH, parseToken } from "./token.js";

describe("parseToken", () => {
  it("returns the token without white space around it", () => {
    expect(parseToken(" sifs_abc.DEF-1\r\n", "a test")).toBe("sifs_abc.DEF-1");
  });

  it.each(["", " \n", "a b", "a\nb", "a\u0000", "tök", "x".repeat(MAX_TOKEN_LENGTH + 1)])(
    "rejects %j",
    (text) => {
      expect(() => parseToken(text, "a test")).toThrow(
        expect.objectContaining({ code: "token-not-valid" }),
      );
    },
  );

  it("rejects without repeating the token", () => {
    expect(() => parseToken("secret text", "a test")).toThrow(/^(?!.*secret)/);
  });
});
