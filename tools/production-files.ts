import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The folders in `packages/`. */
export const PACKAGES: readonly string[] = readdirSync(join(ROOT, "packages"));

/** A source file that is part of a package, not of its tests. */
export interface ProductionFile {
  readonly package: string;
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly folder: string;
  readonly text: string;
}

/** Tests and their helpers. */
const FOR_TESTS = /\.(?:test|test-d|contract|cases|bench|fixture)\.ts$|\/fixtures\//;

/** Returns the production files of a package, in order of their paths. */
export function productionFilesOf(name: string): ProductionFile[] {
  return readdirSync(join(ROOT, "packages", name, "src"), { recursive: true, encoding: "utf8" })
    .map((file) => `packages/${name}/src/${file.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts") && !FOR_TESTS.test(path))
    .toSorted((a, b) => a.localeCompare(b))
    .map((path) => ({
      package: name,
      path,
      folder: dirname(path),
      text: readFileSync(join(ROOT, path), "utf8"),
    }));
}
