import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { PACKAGES, ROOT } from "./production-files.js";

/** The sources of the entries that a package's `exports` name. */
function entriesOf(name: string): string[] {
  const text = readFileSync(join(ROOT, "packages", name, "package.json"), "utf8");
  const { exports = {} }: { exports?: Record<string, { default?: string } | string> } =
    JSON.parse(text);
  return Object.values(exports)
    .map((entry) => (typeof entry === "string" ? entry : (entry.default ?? "")))
    .filter((file) => file.startsWith("./dist/"))
    .map((file) => `packages/${name}/src/${file.slice("./dist/".length).replace(/\.js$/, ".ts")}`);
}

const ENTRIES = PACKAGES.flatMap(entriesOf);

describe("the public entries of the packages", () => {
  it("are found", () => {
    expect(ENTRIES).toEqual(
      expect.arrayContaining(["packages/sif/src/index.ts", "packages/client/src/index.ts"]),
    );
  });

  it.each(ENTRIES)("name each export, so that none becomes public unnoticed: %s", (path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    expect(text.match(/^export (?:type )?\*.*$/gm) ?? []).toEqual([]);
  });
});
