import { describe, expect, it } from "vitest";

import { defineVerify } from "../commands/verify.js";
import { spreadValues } from "./spread-values.js";

const spread = (...argv: string[]) => spreadValues(argv, "--key", defineVerify).join(" ");

describe("spreadValues", () => {
  it.each([
    ["--key A image", "--key A image"],
    ["--key A B image", "--key A --key B image"],
    ["--key A --key B image", "--key A --key B image"],
    ["--key A image --key B", "--key A image --key B"],
    ["image --key A B", "image --key A --key B"],
    ["--json --key A B image --group 1", "--json --key A --key B image --group 1"],
    ["--key A B --json image", "--key A --key B --json image"],
    ["--library u --key A B --object 2 image", "--library u --key A --key B --object 2 image"],
    ["--key A B -- image", "--key A --key B -- image"],
    ["--key=A image", "--key=A image"],
    ["--key A", "--key A"],
    ["--key", "--key"],
    ["image", "image"],
    ["--key A B image --group", "--key A --key B --key image --group"],
  ])("turns %s into %s", (argv, expected) => {
    expect(spread(...argv.split(" "))).toBe(expected);
  });
});
