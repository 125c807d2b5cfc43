import { describe, expect, it } from "vitest";

import { PACKAGES, productionFilesOf } from "./production-files.js";

const FILES = PACKAGES.flatMap(productionFilesOf);
const linesOf = (text: string) => text.trimEnd().split("\n").length;

/** Functions are limited to 60 lines by the linter (`max-lines-per-function`). */
describe("the production files of all packages", () => {
  it("have at most 400 lines", () => {
    const found = FILES.map(({ path, text }) => ({ path, lines: linesOf(text) }));
    expect(found.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  it("have between 40 and 110 lines at the median", () => {
    const lines = FILES.map(({ text }) => linesOf(text)).toSorted((a, b) => a - b);
    const median = lines[Math.floor(lines.length / 2)];
    expect(median).toBeGreaterThanOrEqual(40);
    expect(median).toBeLessThanOrEqual(110);
  });

  it("lie at most 25 in a folder", () => {
    const counts = new Map<string, number>();
    for (const { folder } of FILES) counts.set(folder, (counts.get(folder) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 25)).toEqual([]);
  });
});
