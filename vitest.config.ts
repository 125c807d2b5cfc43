import { defineConfig } from "vitest/config";

// Packages are resolved through their built `dist`, as users get them: `npm test` builds first.
export default defineConfig({
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
