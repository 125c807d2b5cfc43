import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { ERROR_CODES } from "@sifshelf/protocol";
import { describe, expect, it } from "vitest";

const PAGE = fileURLToPath(new URL("../docs/errors.md", import.meta.url));
const MARKED = /<!-- codes -->\n([\s\S]*?)<!-- \/codes -->/;

/** The table of the catalogue, in order of status. */
function codesTable(): string {
  const rows = Object.entries(ERROR_CODES)
    .toSorted(([, a], [, b]) => a.status - b.status)
    .map(
      ([code, { status, meaning, advice }]) =>
        `| \`${code}\` | ${status} | ${meaning} | ${advice} |`,
    );
  return `${["| Code | Status | What happened | What to do |", "|---|---|---|---|", ...rows].join("\n")}\n`;
}

describe("docs/errors.md", () => {
  it("has the table of the error catalogue, which the failure of this test prints", () => {
    expect(MARKED.exec(readFileSync(PAGE, "utf8"))?.[1]).toBe(codesTable());
  });
});
