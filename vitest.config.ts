import { pathToFileURL } from "node:url";

import { defineConfig, type Plugin } from "vitest/config";

/**
 * Points `new URL("./name.worker.js", import.meta.url)` in the sources of a package at its `dist`:
 * Node starts a thread itself, and takes no TypeScript.
 */
const builtWorkers: Plugin = {
  name: "built-workers",
  enforce: "pre",
  transform(code, id) {
    const [, root, folder] = /^(.*\/packages\/[^/]+)\/src\/(.*\/)?[^/]+\.ts$/.exec(id) ?? [];
    if (root === undefined) return undefined;
    return code.replaceAll(
      /new URL\("\.\/([\w-]+\.worker\.js)", import\.meta\.url\)/g,
      (_, name) => `new URL("${pathToFileURL(`${root}/dist/${folder ?? ""}${name}`).href}")`,
    );
  },
};

// Packages are resolved through their built `dist`, as users get them: `npm test` builds first.
export default defineConfig({
  plugins: [builtWorkers],
  test: {
    pool: "threads",
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["packages/*/src/**/*.test.ts", "tools/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["integration/src/**/*.test.ts"],
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "interop",
          include: ["interop/src/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
