import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

const run = promisify(execFile);

/** The JavaScript examples of a package's README, each with its heading. */
function examplesOf(packageName: string): { readonly heading: string; readonly code: string }[] {
  const page = readFileSync(folderOf(packageName) + "README.md", "utf8");
  return page.split(/^## /m).flatMap((section) => {
    const [heading = ""] = section.split("\n");
    return [...section.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => ({
      heading,
      code,
    }));
  });
}

const folderOf = (packageName: string) =>
  fileURLToPath(new URL(`../packages/${packageName}/`, import.meta.url));

describe.each(["client", "protocol", "server"])("the README of packages/%s", (packageName) => {
  const examples = examplesOf(packageName);

  it("has examples", () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)(
    "has an example that runs: $heading",
    async ({ code }) => {
      const args = ["--input-type=module", "--eval", code];
      const { stderr } = await run(process.execPath, args, { cwd: folderOf(packageName) });
      expect(stderr).toBe("");
    },
    60_000,
  );
});
