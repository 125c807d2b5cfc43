import { describe, expect, it } from "vitest";

import { hasFlag, splitArguments } from "./split-arguments.js";

describe("splitArguments", () => {
  it.each([
    [["pull", "a"], "pull", ["a"]],
    [["--json", "pull", "a"], "pull", ["--json", "a"]],
    [["--library", "https://h", "pull", "a"], "pull", ["--library", "https://h", "a"]],
    [["--library=https://h", "pull"], "pull", ["--library=https://h"]],
    [["--json"], undefined, ["--json"]],
    [["--library"], undefined, ["--library"]],
    [[], undefined, []],
  ])("returns for %j the command %s", (argv, name, rest) => {
    expect(splitArguments(argv)).toEqual({ name, rest });
  });
});

describe("hasFlag", () => {
  it("returns true for any of the names", () => {
    expect(hasFlag(["pull", "-h"], "-h", "--help")).toBe(true);
  });

  it("returns false for what stands after --", () => {
    expect(hasFlag(["pull", "--", "--json"], "--json")).toBe(false);
  });
});
