import { describe, expect, it } from "vitest";

import { CliError } from "../errors/cli-error.js";
import { parseArch, parseArchList } from "./arch.js";

describe("parseArch", () => {
  it.each([
    ["amd64", "amd64"],
    ["x86_64", "amd64"],
    ["aarch64", "arm64"],
    ["armhf", "arm"],
    ["i686", "386"],
    ["riscv64", "riscv64"],
    ["futurearch", "futurearch"],
  ])("returns for %s %s", (text, arch) => {
    expect(parseArch(text)).toBe(arch);
  });

  it.each(["", "unknown", "AMD64", "a/b", "amd64\n", "__proto__", "constructor?", "x".repeat(33)])(
    "rejects %j",
    (text) => {
      expect(() => parseArch(text)).toThrow(CliError);
    },
  );
});

describe("parseArchList", () => {
  it("returns each arch once, by its Go name", () => {
    expect(parseArchList("amd64, aarch64,x86_64")).toEqual(["amd64", "arm64"]);
  });

  it("rejects an empty entry", () => {
    expect(() => parseArchList("amd64,")).toThrow(CliError);
  });
});
