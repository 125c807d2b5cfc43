import { describe, expect, it } from "vitest";

import { machineArch } from "./machine-arch.js";

describe("machineArch", () => {
  it.each([
    ["x64", "LE", "amd64"],
    ["ia32", "LE", "386"],
    ["arm64", "LE", "arm64"],
    ["arm", "LE", "arm"],
    ["ppc64", "LE", "ppc64le"],
    ["ppc64", "BE", "ppc64"],
    ["mipsel", "LE", "mipsle"],
    ["s390x", "BE", "s390x"],
    ["riscv64", "LE", "riscv64"],
    ["loong64", "LE", "loong64"],
  ] as const)("returns for %s (%s) %s", (nodeArch, endianness, arch) => {
    expect(machineArch(nodeArch, endianness)).toBe(arch);
  });
});
