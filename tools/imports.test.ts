import { builtinModules } from "node:module";
import { posix } from "node:path";

import { describe, expect, it } from "vitest";

import { FOLDERS, OUTSIDE_MODULES, PACKAGES, PLATFORM_NEUTRAL } from "./import-matrix.js";
import {
  PACKAGES as ALL_PACKAGES,
  type ProductionFile,
  productionFilesOf,
} from "./production-files.js";

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|(?:^|\n)\s*import\s+["']([^"']+)["']/g;

interface Imported {
  readonly file: string;
  readonly specifier: string;
  /** Packages that only provide types, which vanish at run time. */
  readonly isTypeOnly: boolean;
}

function importsOf({ path, text }: ProductionFile): Imported[] {
  return [...text.matchAll(IMPORT)].map((match) => ({
    file: path,
    specifier: match[1] ?? match[2] ?? match[3] ?? "",
    isTypeOnly: /^\s*(?:import|export)\s+type\b/.test(match[0]),
  }));
}

const isOurs = (specifier: string) => /^(?:@sifshelf\/|sifshelf(?:\/|$))/.test(specifier);

/** The package of a specifier, without the path in it. */
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** The path of a file below `src`. */
const belowSrc = (path: string) => path.replace(/^packages\/[^/]+\/src\//, "");

/** The folder of the matrix that a file below `src` belongs to; `.` for files directly in `src`. */
function folderOf(path: string, folders: readonly string[]): string {
  if (!path.includes("/")) return ".";
  const holding = folders.filter((folder) => path.startsWith(`${folder}/`));
  const [closest] = holding.toSorted((a, b) => b.length - a.length);
  return closest ?? posix.dirname(path);
}

/** Returns the folders that are part of a cycle. */
function foldersInCycles(matrix: Readonly<Record<string, readonly string[]>>): string[] {
  const reaches = (from: string, goal: string, seen: Set<string>): boolean =>
    (matrix[from] ?? []).some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      return reaches(next, goal, seen.add(next));
    });
  return Object.keys(matrix).filter((folder) => reaches(folder, folder, new Set()));
}

it("every package has a row in both matrices", () => {
  expect(Object.keys(PACKAGES).toSorted()).toEqual([...ALL_PACKAGES].toSorted());
  expect(Object.keys(FOLDERS).toSorted()).toEqual([...ALL_PACKAGES].toSorted());
});

describe.each(Object.entries(PACKAGES))("imports of packages/%s", (name, allowed) => {
  const imports = productionFilesOf(name).flatMap(importsOf);
  const outside = imports.filter(({ specifier }) => !specifier.startsWith("."));

  it("are found at all", () => {
    expect(imports.length).toBeGreaterThan(0);
  });

  it("reach only the packages below it", () => {
    const self = name === "cli" ? "sifshelf" : `@sifshelf/${name}`;
    const wrong = outside
      .filter(({ specifier }) => isOurs(specifier))
      .filter(({ specifier }) => ![...allowed, self].includes(packageOf(specifier)));
    expect(wrong).toEqual([]);
  });

  it("use no Node module in code that runs in browsers", () => {
    if (!PLATFORM_NEUTRAL.includes(name)) return;
    const wrong = outside
      .filter((found) => !found.isTypeOnly && !/\/src\/(?:.*\/)?node\//.test(found.file))
      .filter(
        ({ specifier }) => specifier.startsWith("node:") || builtinModules.includes(specifier),
      );
    expect(wrong).toEqual([]);
  });
});

describe.each(Object.entries(FOLDERS))("the folders of packages/%s/src", (name, matrix) => {
  const files = productionFilesOf(name);
  const folders = Object.keys(matrix);
  const folderOfFile = (path: string) => folderOf(belowSrc(path), folders);
  const edges = files.flatMap(importsOf).flatMap(({ file, specifier }) => {
    if (!specifier.startsWith(".")) return [];
    const target = posix.join(posix.dirname(belowSrc(file)), specifier);
    const edge = { file, from: folderOfFile(file), to: folderOf(target, folders) };
    return edge.from === edge.to || edge.from === "." ? [] : [edge];
  });

  it("are exactly those of the matrix", () => {
    const existing = new Set(files.map(({ path }) => folderOfFile(path)));
    existing.delete(".");
    expect([...existing].toSorted()).toEqual(folders.toSorted());
  });

  it("import only what the matrix allows", () => {
    expect(edges.filter(({ from, to }) => !(matrix[from] ?? []).includes(to))).toEqual([]);
  });

  it("need everything that the matrix allows", () => {
    const used = new Set(edges.map(({ from, to }) => `${from} -> ${to}`));
    const unused = Object.entries(matrix).flatMap(([from, targets]) =>
      targets.map((to) => `${from} -> ${to}`).filter((edge) => !used.has(edge)),
    );
    expect(unused).toEqual([]);
  });

  it("make no cycle", () => {
    expect(foldersInCycles(matrix)).toEqual([]);
  });
});

describe.each(Object.entries(OUTSIDE_MODULES))("packages/server and %s", (module, allowed) => {
  it("meet only in the folders that may", () => {
    const folders = Object.keys(FOLDERS["server"] ?? {});
    const wrong = productionFilesOf("server")
      .flatMap(importsOf)
      .filter(({ specifier }) => packageOf(specifier) === module)
      .filter(({ file }) => !allowed.includes(folderOf(belowSrc(file), folders)));
    expect(wrong).toEqual([]);
  });
});
