import { posix } from "node:path";

import { describe, expect, it } from "vitest";

import { PACKAGES, type ProductionFile, productionFilesOf } from "./production-files.js";

/**
 * Which folders of a package's `src` each folder may import. Files directly in `src` compose them
 * and may import any.
 */
const MAY_IMPORT: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  sif: {
    bytes: [],
    format: ["bytes"],
    keys: ["bytes"],
    write: ["bytes", "format"],
    integrity: ["bytes", "format", "keys", "write"],
    oci: ["bytes", "format", "integrity", "keys"],
    pgp: ["format", "integrity", "keys"],
    x509: ["bytes", "keys"],
    node: ["bytes", "write"],
  },
};

interface FolderImport {
  /** `folder -> folder` */
  readonly edge: readonly [string, string];
  readonly file: string;
}

/** Folders of `src`, by their first name; `""` for `src` itself. */
const topFolder = (path: string) => /^packages\/[^/]+\/src\/(?:([^/]+)\/)?/.exec(path)?.[1] ?? "";

/** Returns the imports of a file from other folders of its package. */
function folderImportsOf({ path, folder, text }: ProductionFile): FolderImport[] {
  const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)];
  return specifiers
    .map(([, specifier = ""]) => topFolder(posix.join(folder, specifier)))
    .filter((target) => target !== topFolder(path))
    .map((target) => ({ edge: [topFolder(path), target], file: path }));
}

/** Returns the folders that can be reached from themselves, leaving `src` itself out. */
function foldersInCycles(imports: readonly FolderImport[]): string[] {
  const targets = new Map<string, Set<string>>();
  for (const { edge } of imports) {
    targets.set(edge[0], (targets.get(edge[0]) ?? new Set()).add(edge[1]));
  }
  const reaches = (from: string, goal: string, seen: Set<string>): boolean =>
    [...(targets.get(from) ?? [])].some((next) => {
      if (next === goal) return true;
      if (next === "" || seen.has(next)) return false;
      return reaches(next, goal, seen.add(next));
    });
  return [...targets.keys()].filter((name) => name !== "" && reaches(name, name, new Set()));
}

describe.each(PACKAGES)("the folders of packages/%s/src", (name) => {
  const imports = productionFilesOf(name).flatMap(folderImportsOf);

  it("import each other in one direction only", () => {
    expect(foldersInCycles(imports)).toEqual([]);
  });
});

describe.each(Object.entries(MAY_IMPORT))("the matrix of packages/%s/src", (name, allowed) => {
  const files = productionFilesOf(name);
  const imports = files.flatMap(folderImportsOf).filter(({ edge: [from] }) => from !== "");

  it("names exactly the folders that exist", () => {
    const folders = new Set(files.map(({ path }) => topFolder(path)));
    folders.delete("");
    expect(Object.keys(allowed).toSorted()).toEqual([...folders].toSorted());
  });

  it("holds, and allows nothing that no file needs", () => {
    const wrong = imports.filter(({ edge: [from, to] }) => !(allowed[from] ?? []).includes(to));
    expect(wrong).toEqual([]);
    const used = new Set(imports.map(({ edge }) => edge.join(" -> ")));
    const unused = Object.entries(allowed).flatMap(([from, targets]) =>
      targets.map((to) => `${from} -> ${to}`).filter((edge) => !used.has(edge)),
    );
    expect(unused).toEqual([]);
  });
});
