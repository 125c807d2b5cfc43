import { describe, expect, it } from "vitest";

import { nearestName } from "./find-command.js";

const NAMES = ["push", "pull", "search", "show", "delete", "login", "logout", "version"];

describe("nearestName", () => {
  it.each([
    ["pul", "pull"],
    ["psuh", "push"],
    ["pushh", "push"],
    ["serach", "search"],
    ["logn", "login"],
    ["delet", "delete"],
  ])("returns for %s %s", (typed, name) => {
    expect(nearestName(typed, NAMES)).toBe(name);
  });

  it.each(["", "x", "frobnicate", "PULL"])("returns nothing for %j", (typed) => {
    expect(nearestName(typed, NAMES)).toBeUndefined();
  });
});
