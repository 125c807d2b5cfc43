import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["", "docs", "docs/decisions", "packages/*"];

/** Every Markdown file that people read, relative to the repository. */
const PAGES = FOLDERS.flatMap((folder) =>
  folder.endsWith("/*")
    ? readdirSync(join(ROOT, dirname(folder))).map((name) => join(dirname(folder), name))
    : [folder],
).flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

const textOf = (page: string) => readFileSync(join(ROOT, page), "utf8");

/** The text without code blocks, whose brackets and headings are not links and headings. */
const proseOf = (page: string) => textOf(page).replaceAll(/^```[\s\S]*?^```$/gm, "");

/** The anchors of a page's headings, as the usual renderers generate them. */
function anchorsOf(page: string): Set<string> {
  return new Set(
    [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

function brokenLinks(page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return links.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, file))) return true;
    return anchor !== undefined && !anchorsOf(file).has(anchor);
  });
}

describe("the pages of the repository", () => {
  it("are found", () => {
    expect(PAGES).toEqual(
      expect.arrayContaining(["README.md", "docs/server.md", "packages/protocol/README.md"]),
    );
  });

  it.each(PAGES)("have only links that lead somewhere: %s", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });
});

describe("docs/guarantees.md", () => {
  const rows = [...textOf("docs/guarantees.md").matchAll(/^\| G(\d+) \|(.*)\|(.*)\|(.*)\|$/gm)];

  it("has the nineteen promises in order", () => {
    expect(rows.map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 19 }, (_, index) => index + 1),
    );
  });

  it("names a test for every promise but those for later, and only tests that exist", () => {
    for (const [, number, , state = "", tests = ""] of rows) {
      const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
      expect({ number, hasTests: named.length > 0 }).toEqual({
        number,
        hasTests: !state.trim().startsWith("later"),
      });
      expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    }
  });
});

describe("docs/decisions", () => {
  const pages = PAGES.filter((page) => /^docs\/decisions\/\d{4}-/.test(page)).toSorted();
  const index = textOf("docs/decisions/README.md");

  it("are numbered without gaps and listed by their titles", () => {
    for (const [number, page] of pages.entries()) {
      const prefix = String(number).padStart(4, "0");
      const [title = ""] = textOf(page).split("\n");
      expect(title).toMatch(new RegExp(`^# ${prefix} `));
      if (number > 0) expect(index).toContain(`| ${title.slice("# 0000 ".length)} |`);
    }
  });

  it.each(pages)("have the sections of the template: %s", (page) => {
    const sections = [...textOf(page).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(["Context", "Choice", "Alternatives", "Consequences"]);
  });
});
