import { readFile, readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";

import { CLI_ERROR_CODES } from "../packages/cli/src/errors/cli-error.js";
import { COMMANDS } from "../packages/cli/src/command-table.js";
import { EXIT_CODES } from "../packages/cli/src/errors/exit-codes.js";
import { commonOptions } from "../packages/cli/src/options/common.js";

const root = new URL("../", import.meta.url);
const docs = await readFile(new URL("docs/cli.md", root), "utf8");

/** The text below a heading of level two, up to the next one. */
function section(heading: string): string {
  const start = docs.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`docs/cli.md has no section "${heading}"`);
  const end = docs.indexOf("\n## ", start + 1);
  return docs.slice(start, end < 0 ? undefined : end);
}

/** The options in the first column of a section's tables, as `-o`, `--output <file>`. */
function documentedFlags(heading: string): string[] {
  const cells = [...section(heading).matchAll(/^\| ([^|]*--[^|]*)\|/gm)].map(
    ([, cell = ""]) => cell,
  );
  return cells.map((cell) => cell.replaceAll("`", "").trim()).toSorted();
}

describe("docs/cli.md", () => {
  it("has exactly the commands that exist", () => {
    const rows = [...docs.matchAll(/^\| \[`([\w ]+)`\]\(#[\w-]+\) \| (.*) \|$/gm)];
    const documented = rows.map(([, name, summary]) => [name, summary?.replaceAll("`", "")]);
    expect(documented).toEqual(COMMANDS.map(({ name, summary }) => [name, summary]));
  });

  it("has exactly the common options that exist", () => {
    const flags = [...commonOptions().map((option) => option.flags), "-h, --help"];
    expect(documentedFlags("Common options")).toEqual(flags.toSorted());
  });

  it.each(COMMANDS)("has exactly the options and arguments of $name", async ({ name, load }) => {
    const command = (await load()).define();
    expect(documentedFlags(name)).toEqual(command.options.map(({ flags }) => flags).toSorted());
    expect(section(name)).toContain(`\n    sifshelf ${name} ${command.usage()}\n`);
  });

  it("has exactly the exit codes that exist", () => {
    const rows = [...section("Exit codes").matchAll(/^\| (\d+) \| (\w+) \|/gm)];
    const documented = rows.map(([, code, name]) => [name, Number(code)]);
    expect(documented).toEqual(Object.entries(EXIT_CODES));
  });

  it("has exactly our own error codes, with their exit codes", () => {
    const rows = [...section("Errors").matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)];
    const documented = rows.map(([, code, exitCode]) => [code, Number(exitCode)]);
    const signals = [
      ["interrupted", EXIT_CODES.interrupted],
      ["terminated", EXIT_CODES.terminated],
    ];
    expect(documented).toEqual([...Object.entries(CLI_ERROR_CODES), ...signals]);
  });
});

/** Sections of shapes whose files are not named for a command. */
const SECTIONS = new Map([
  ["errors/error-json.ts", "Errors"],
  ["output/progress.ts", "Progress"],
  ["image/objects.ts", "inspect"],
  ["image/inspect-image.ts", "inspect"],
  ["commands/image-json.ts", "show"],
]);

/** The section that documents the shapes in a file: `commands/sif/add.ts` is in `sif add`. */
function sectionOf(file: string): string {
  const command = file.replace(/^commands\//, "").replace(/(?:-result)?\.ts$/, "");
  return SECTIONS.get(file) ?? command.replace("/", " ");
}

/** An interface of JSON output. */
interface Shape {
  readonly name: string;
  readonly fields: string[];
  readonly file: string;
  /** The section that documents it. */
  readonly heading: string;
}

function shapesIn(file: string, source: string): Shape[] {
  return [...source.matchAll(/^export interface (\w+Json)\b[^{]*\{\n(.*?)^\}/gms)].map(
    ([, name = "", body = ""]) => ({
      name,
      fields: [...body.matchAll(/readonly (\w+)\??:/g)].map(([, field = ""]) => field),
      file,
      heading: sectionOf(file),
    }),
  );
}

describe("the JSON shapes", async () => {
  const folder = new URL("packages/cli/src/", root);
  const files = (await readdir(folder, { recursive: true }))
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const shapes = await Promise.all(
    files.map(async (file) => shapesIn(file, await readFile(new URL(file, folder), "utf8"))),
  ).then((lists) => lists.flat());

  it("are there for every command, for errors and for progress", () => {
    const wanted = [...COMMANDS.map(({ name }) => name), "Errors", "Progress"];
    const found = new Set(shapes.map(({ heading }) => heading));
    expect(found).toEqual(new Set(wanted));
  });

  it.each(shapes)("of $name in $file is documented, field by field", ({ heading, fields }) => {
    const text = section(heading);
    expect(fields).not.toEqual([]);
    for (const field of fields.filter((name) => name !== "error")) {
      expect(text).toMatch(new RegExp(`\`(?:error\\.)?${field}\``));
    }
  });
});
