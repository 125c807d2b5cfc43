import { readFileSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Who may import whom; the table of ARCHITECTURE.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  sif: [],
  protocol: [],
  client: ["@sifshelf/protocol"],
  server: ["@sifshelf/protocol", "@sifshelf/sif"],
  cli: ["@sifshelf/client", "@sifshelf/protocol", "@sifshelf/sif"],
  testing: ["@sifshelf/protocol", "@sifshelf/sif"],
};

/** Packages whose code runs in browsers, but for what lies under `node/`. */
const PLATFORM_NEUTRAL = ["sif", "protocol", "client"];

/** Layers of the server, each with the layers it may not reach. */
const SERVER_LAYERS: Readonly<Record<string, readonly string[]>> = {
  library: ["routes"],
  catalog: ["routes", "blobs", "transfers", "inspection", "upkeep"],
  blobs: ["routes", "catalog"],
  auth: ["routes"],
};

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|(?:^|\n)\s*import\s+["']([^"']+)["']/g;

interface Imported {
  readonly file: string;
  readonly specifier: string;
  /** Types alone, which leave nothing behind at run time. */
  readonly isTypeOnly: boolean;
}

function importsOf(packageName: string): Imported[] {
  const source = join(ROOT, "packages", packageName, "src");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), "utf8");
      return [...text.matchAll(IMPORT)].map((match) => ({
        file: relative(ROOT, join(source, file)).split(sep).join("/"),
        specifier: match[1] ?? match[2] ?? match[3] ?? "",
        isTypeOnly: /^\s*(?:import|export)\s+type\b/.test(match[0]),
      }));
    });
}

const isTest = ({ file }: Imported) =>
  /\.(?:test|contract|cases|bench)\.ts$|\.test-d\.ts$/.test(file);
const ours = ({ specifier }: Imported) => /^(?:@sifshelf\/|sifshelf(?:\/|$))/.test(specifier);
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

describe("imports", () => {
  for (const [name, allowed] of Object.entries(MAY_IMPORT)) {
    describe(`of packages/${name}`, () => {
      const imports = importsOf(name);

      it("are found at all", () => {
        expect(imports.length).toBeGreaterThan(0);
      });

      it("reach only the packages below it", () => {
        const self = name === "cli" ? "sifshelf" : `@sifshelf/${name}`;
        const wrong = imports
          .filter((found) => ours(found) && !isTest(found))
          .filter(({ specifier }) => ![...allowed, self].includes(packageOf(specifier)));
        expect(wrong).toEqual([]);
      });

      it("use no Node module in code that runs in browsers", () => {
        if (!PLATFORM_NEUTRAL.includes(name)) return;
        const wrong = imports
          .filter((found) => !isTest(found) && !found.isTypeOnly)
          .filter((found) => !found.file.includes("/src/node/"))
          .filter(
            ({ specifier }) => specifier.startsWith("node:") || builtinModules.includes(specifier),
          );
        expect(wrong).toEqual([]);
      });
    });
  }

  it("of the server go downwards only", () => {
    const wrong = importsOf("server").filter((found) => {
      if (isTest(found)) return false;
      // how ids are written, which every layer knows
      if (found.specifier.endsWith("/catalog/ids.js")) return false;
      const layer = found.file.split("/")[3] ?? "";
      const forbidden = SERVER_LAYERS[layer] ?? [];
      return forbidden.some((other) => found.specifier.includes(`../${other}/`));
    });
    expect(wrong).toEqual([]);
  });

  it("of the HTTP framework and of SQL stay where they belong", () => {
    const imports = importsOf("server").filter((found) => !isTest(found));
    const wrong = imports.filter(({ file, specifier }) => {
      if (specifier === "fastify")
        return !/\/src\/(?:routes|transfers)\/|\/src\/[^/]+\.ts$/.test(file);
      if (specifier === "kysely" || specifier === "better-sqlite3")
        // the lock of a data folder is one of SQLite's
        return !/\/src\/(?:catalog|data-folder)\//.test(file);
      return false;
    });
    expect(wrong).toEqual([]);
  });
});
