import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { FOLDERS } from "./import-matrix.js";
import { foldersTable, packagesTable } from "./matrix-tables.js";
import { ROOT } from "./production-files.js";

const PATH = join(ROOT, "ARCHITECTURE.md");

/** Returns the text between two markers of the page, or replaces it. */
function marked(
  page: string,
  marker: string,
): readonly [before: string, text: string, after: string] {
  const begin = `<!-- ${marker} -->\n`;
  const end = `<!-- /${marker} -->`;
  const from = page.indexOf(begin) + begin.length;
  const to = page.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`ARCHITECTURE.md has no part ${marker}`);
  return [page.slice(0, from), page.slice(from, to), page.slice(to)];
}

/** The folders of an indented tree in a code block, as paths. */
function foldersOfTree(tree: string): string[] {
  const parents: string[] = [];
  return [...tree.matchAll(/^( *)([\w.{},-]+)\/(?: .*)?$/gm)].map(([, indent = "", name = ""]) => {
    const depth = indent.length / 2;
    parents.length = depth;
    parents[depth] = name;
    return parents.join("/");
  });
}

function foldersBelow(path: string): string[] {
  return readdirSync(join(ROOT, path), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, path).length + 1))
    .map((folder) => folder.replaceAll("\\", "/"));
}

describe("ARCHITECTURE.md", () => {
  const page = readFileSync(PATH, "utf8");

  const tables: readonly (readonly [string, () => string])[] = [
    ["packages", packagesTable],
    ...Object.keys(FOLDERS).map(
      (name) => [`folders of ${name}`, () => foldersTable(name)] as const,
    ),
  ];

  it.each(tables)("shows the matrix: %s", (marker, render) => {
    const [before, text, after] = marked(readFileSync(PATH, "utf8"), marker);
    if (process.env["SIFSHELF_UPDATE_DOCS"] === "1")
      writeFileSync(PATH, `${before}${render()}\n${after}`);
    else expect(text, "run `npm run docs`").toBe(`${render()}\n`);
  });

  it("lists the packages and folders at the top", () => {
    const [, tree] = marked(page, "tree of the repository");
    const listed = foldersOfTree(tree);
    for (const name of readdirSync(join(ROOT, "packages"))) {
      expect(listed).toContain(`packages/${name}`);
    }
    const existing = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(?:\.(?!ci)|node_modules)/.test(entry.name))
      .map((entry) => entry.name);
    expect(listed.filter((path) => !path.includes("/")).toSorted()).toEqual(existing.toSorted());
  });

  it("shows the tree of the server as it is", () => {
    const [, tree] = marked(page, "tree of the server");
    const listed = foldersOfTree(tree).map((path) => path.replace(/^src\//, ""));
    const existing = foldersBelow("packages/server/src");
    expect(listed.filter((path) => path !== "src").toSorted()).toEqual(existing.toSorted());
  });
});
