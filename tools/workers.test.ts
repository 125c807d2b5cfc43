import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { PACKAGES, productionFilesOf, ROOT } from "./production-files.js";

const FILES = PACKAGES.flatMap(productionFilesOf);
const WORKER_URL = /new URL\(\s*["']\.\/([\w-]+\.worker)\.js["'],\s*import\.meta\.url,?\s*\)/g;

/** The modules that sources start as threads. */
const STARTED = FILES.flatMap(({ folder, text }) =>
  [...text.matchAll(WORKER_URL)].map(([, name = ""]) => `${folder}/${name}.ts`),
);

describe("threads", () => {
  it("run no program that is a string", () => {
    const found = FILES.filter(({ text }) => /\beval:\s*true\b/.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it("run a module beside the one that starts them, and every such module is run", () => {
    const programs = FILES.filter(({ path }) => path.endsWith(".worker.ts"));
    expect(programs.length).toBeGreaterThan(0);
    expect(new Set(STARTED)).toEqual(new Set(programs.map(({ path }) => path)));
  });

  it("have names that are theirs alone, since all lie in one folder of the bundle", () => {
    const names = FILES.map(({ path }) => /[^/]+\.worker\.ts$/.exec(path)?.[0]).filter(Boolean);
    expect(new Set(names).size).toBe(names.length);
  });

  it("find their programs in the bundle of the command line", () => {
    const bundle = join(ROOT, "packages/cli/bundle");
    const chunks = readdirSync(bundle).filter((name) => /\.c?js$/.test(name));
    const wanted = chunks.flatMap((chunk) => {
      // What `import.meta.url` has become in a script.
      const text = readFileSync(join(bundle, chunk), "utf8").replaceAll("__url", "import.meta.url");
      return [...text.matchAll(WORKER_URL)].map(([, name = ""]) => `${name}.js`);
    });
    expect(wanted).toContain("sif-hash.worker.js");
    expect(wanted.filter((name) => !existsSync(join(bundle, name)))).toEqual([]);
  });
});
