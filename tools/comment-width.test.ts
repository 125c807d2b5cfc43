import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("comment-width.mjs", import.meta.url));
const WIDE = "word ".repeat(22).trim();

describe("tools/comment-width.mjs", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "comment-width-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Returns what the check prints about a source, without the folder. */
  async function complaintsAbout(source: string): Promise<string> {
    await writeFile(join(folder, "source.ts"), source);
    return new Promise((resolve) => {
      execFile(process.execPath, [SCRIPT, folder], { cwd: folder }, (_, __, stderr) =>
        resolve(stderr),
      );
    });
  }

  it.each([
    ["a line comment", `const a = 1;\n// ${WIDE}\n`, 2],
    ["a comment after code", `const a = 1; // ${WIDE}\n`, 1],
    ["a line of a doc comment", `/**\n * short\n * ${WIDE}\n */\n`, 3],
    ["a comment after a regular expression", `const a = /["'\`]/; // ${WIDE}\n`, 1],
    ["a comment inside a template's expression", `const a = \`\${\n1 // ${WIDE}\n}\`;\n`, 2],
  ])("reports %s", async (_, source, line) => {
    expect(await complaintsAbout(source)).toBe(
      `source.ts:${line}\ncomment lines wider than 100 columns: 1\n`,
    );
  });

  it.each([
    ["comments of 100 columns", `// ${"x ".repeat(48)}x\n`],
    ["a URL that does not fit", `// See https://example.com/${"a".repeat(100)}\n`],
    ["a row of a table", `/**\n * | a | ${WIDE} |\n */\n`],
    ["what looks like a comment in a string", `const a = "// ${WIDE}";\n`],
    ["what looks like a comment in a template", `const a = \`\n// ${WIDE}\n\`;\n`],
  ])("accepts %s", async (_, source) => {
    expect(await complaintsAbout(source)).toBe("");
  });
});
