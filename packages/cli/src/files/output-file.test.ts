import { describe, expect, it } from "vitest";

import { parsePullRef } from "../options/ref.js";
import { outputName } from "./output-file.js";

describe("outputName", () => {
  const hash = `sha256.${"0".repeat(64)}`;
  it.each([
    ["alice/images/alpine:3.18", "alpine_3.18.sif"],
    ["alpine", "alpine_latest.sif"],
    [`alpine:${hash}`, `alpine_${hash}.sif`],
  ])("returns for %s %s", (ref, name) => {
    expect(outputName(parsePullRef(ref))).toBe(name);
  });
});
