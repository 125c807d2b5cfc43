import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { ERROR_CODES, ROUTES as LIBRARY_ROUTES } from "@sifshelf/protocol";
import { describe, expect, it } from "vitest";

import { LIBRARY_ACCESS } from "../packages/server/src/api/library/access-table.js";
import { REMOTE_ACCESS, REMOTE_ROUTES } from "../packages/server/src/api/remote/remote-routes.js";

const ROUTES = { ...LIBRARY_ROUTES, ...REMOTE_ROUTES };
const RULES = { ...LIBRARY_ACCESS, ...REMOTE_ACCESS };

const PAGE = readFileSync(fileURLToPath(new URL("../docs/protocol.md", import.meta.url)), "utf8");

/** The text below a `###` heading, up to the next heading. */
function sectionsOf(page: string): ReadonlyMap<string, string> {
  const parts = page.split(/^#{2,3} /m).slice(1);
  return new Map(
    parts.map((part) => {
      const [heading = "", ...lines] = part.split("\n");
      return [heading.replaceAll("`", ""), lines.join("\n")];
    }),
  );
}

const requestOf = ({ method, path }: { readonly method: string; readonly path: string }) =>
  `${method} ${path}`;

describe("docs/protocol.md", () => {
  const sections = sectionsOf(PAGE);

  it("lists every request with its scope and relation", () => {
    const rows = [...PAGE.matchAll(/^\| `(\w+)` \| `([^`]+)` \| ([\w-]+) \| ([\w-]+) \|$/gm)];
    const expected = Object.entries(ROUTES).map(([name, route]) => {
      const rule = RULES[name as keyof typeof ROUTES];
      return [name, requestOf(route), rule.scope, rule.relation];
    });
    expect(rows.map(([, ...cells]) => cells)).toEqual(expected);
  });

  it("describes every request in a section of its own, and no other", () => {
    const described = [...sections.keys()].filter((heading) => /^[A-Z]+ [\w/{}.-]+$/.test(heading));
    expect(described.toSorted()).toEqual(Object.values(ROUTES).map(requestOf).toSorted());
  });

  it("names the errors of requests by codes of the catalogue", () => {
    const errorLines = [...PAGE.matchAll(/^Errors: (.+)$/gm)].map(([, line = ""]) => line);
    const named = errorLines.flatMap((line) =>
      [...line.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code),
    );
    const codes = new Set(Object.keys(ERROR_CODES));
    // An `Errors:` line contains codes, and values of settings in parentheses.
    const unknown = named.filter((code) => !codes.has(code) && code !== "stream");
    expect(named.length).toBeGreaterThan(40);
    expect(unknown).toEqual([]);
  });
});
