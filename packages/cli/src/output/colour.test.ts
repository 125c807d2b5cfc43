import { describe, expect, it } from "vitest";

import { createPaint, usesColour } from "./colour.js";

const terminal = { isTerminal: true, env: {}, allowed: true };

describe("usesColour", () => {
  it("returns true on a terminal", () => {
    expect(usesColour(terminal)).toBe(true);
    expect(usesColour({ ...terminal, env: { NO_COLOR: "" } })).toBe(true);
  });

  it.each([
    ["elsewhere", { isTerminal: false }],
    ["with --no-color", { allowed: false }],
    ["with NO_COLOR", { env: { NO_COLOR: "1" } }],
    ["with CLICOLOR=0", { env: { CLICOLOR: "0" } }],
    ["with TERM=dumb", { env: { TERM: "dumb" } }],
  ])("returns false %s", (_, change) => {
    expect(usesColour({ ...terminal, ...change })).toBe(false);
  });
});

describe("createPaint", () => {
  it("returns coloured text, or the text alone", () => {
    expect(createPaint(terminal)("x", "red")).toBe("\u001b[31mx\u001b[0m");
    expect(createPaint({ ...terminal, allowed: false })("x", "red")).toBe("x");
  });
});
