import { describe, expect, it } from "vitest";

import { safeJson } from "./json.js";

describe("safeJson", () => {
  const value = { text: "\u001b[31m \u009b \u007f \u202e \u2028 \u{e0041} ünïcode" };

  it("returns JSON that reads back as the same value", () => {
    expect(JSON.parse(safeJson(value))).toEqual(value);
  });

  it("returns no character that could steer a terminal", () => {
    expect(safeJson(value)).not.toMatch(/[\p{Cc}\u2028\u202e\u{e0041}]/u);
    expect(safeJson(value)).toContain("ünïcode");
  });
});
