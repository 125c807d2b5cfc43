import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import {
  MAX_DESCRIPTION_LENGTH,
  MAX_NAME_LENGTH,
  MAX_SEARCH_LENGTH,
  MAX_SEARCH_PAGE,
  MAX_TAGS_PER_REQUEST,
  MAX_TAG_LENGTH,
  MAX_UPLOAD_PARTS,
  MIN_SEARCH_LENGTH,
} from "@sifshelf/protocol";
import { describe, expect, it } from "vitest";

import {
  DEFAULT_CONFIG,
  SETTINGS,
  SETTING_KEYS,
} from "../packages/server/src/settings/settings.js";
import { readConfig } from "../packages/server/src/settings/read-config.js";
import { envNameOf, flagNameOf } from "../packages/server/src/settings/setting-names.js";
import { settingsTables } from "./settings-table.js";

const PATH = fileURLToPath(new URL("../docs/server.md", import.meta.url));
const PAGE = readFileSync(PATH, "utf8");

/** The cells of the rows of the table of settings. */
const ROWS = [
  ...PAGE.matchAll(/^\| `(\w+)` \| `(--[\w-]+)` \| `(\w+)` \| ([^|]+) \| ([^|]+) \|$/gm),
].map(([, name = "", flag = "", variable = "", byDefault = "", meaning = ""]) => ({
  name,
  flag,
  variable,
  byDefault: /^`(.+)`$/.exec(byDefault)?.[1],
  meaning,
}));

/** Settings whose default is an empty list, which has no text form. */
const TOLD_IN_WORDS: ReadonlySet<string> = new Set(["trustProxy", "corsOrigins"]);

describe("docs/server.md", () => {
  it("has the tables of settings that the declarations make", () => {
    const [, before = "", tables = "", after = ""] =
      /^([\s\S]*<!-- settings -->\n)([\s\S]*?)(\n<!-- \/settings -->[\s\S]*)$/.exec(PAGE) ?? [];
    if (process.env["SIFSHELF_UPDATE_DOCS"] === "1") {
      writeFileSync(PATH, before + settingsTables() + after);
      return;
    }
    expect(tables, "run `npm run docs`").toBe(settingsTables());
  });

  it("lists every setting with its flag and variable, in the order of the schema", () => {
    const expected = SETTING_KEYS.map((key) => SETTINGS[key].name).map((name) => ({
      name,
      flag: flagNameOf(name),
      variable: envNameOf(name),
    }));
    expect(ROWS.map(({ name, flag, variable }) => ({ name, flag, variable }))).toEqual(expected);
  });

  it.each(SETTING_KEYS.filter((key) => key !== "data"))("states the default of %s", (key) => {
    const setting = SETTINGS[key];
    const row = ROWS.find(({ name }) => name === setting.name);
    const stated =
      row?.byDefault === undefined
        ? undefined
        : setting.type.read(setting.type.fromText(row.byDefault));
    const byDefault = TOLD_IN_WORDS.has(key) ? undefined : DEFAULT_CONFIG[key];
    expect(stated).toEqual(byDefault);
  });

  it("has a configuration file that is valid", () => {
    const [, toml = ""] = /```toml\n([\s\S]*?)```/.exec(PAGE) ?? [];
    const folder = mkdtempSync(join(tmpdir(), "sifshelf-docs-"));
    try {
      const configPath = join(folder, "server.toml");
      writeFileSync(configPath, toml);
      expect(readConfig({ configPath, flags: {}, env: {} })).toMatchObject({
        publicUrl: "https://library.example.org",
        trustProxy: ["127.0.0.1"],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("states the limits of the protocol", () => {
    const limits = new Map(
      [...PAGE.matchAll(/^\| ([^|`]+) \| ([^|]+) \|$/gm)].map(([, what = "", limit = ""]) => [
        what,
        limit.replaceAll(/(?<=\d) (?=\d)/g, ""),
      ]),
    );
    expect(limits.get("name of an entity, collection, container")).toBe(
      `${MAX_NAME_LENGTH} characters`,
    );
    expect(limits.get("tag")).toBe(`${MAX_TAG_LENGTH} characters`);
    expect(limits.get("description")).toBe(`${MAX_DESCRIPTION_LENGTH} characters`);
    expect(limits.get("tags set in one request")).toBe(`${MAX_TAGS_PER_REQUEST}`);
    expect(limits.get("search text")).toBe(
      `${MIN_SEARCH_LENGTH} to ${MAX_SEARCH_LENGTH} characters`,
    );
    expect(limits.get("results of a search")).toMatch(
      new RegExp(`^${MAX_SEARCH_PAGE} of each kind a page, and about 2 MiB`),
    );
    expect(limits.get("parts of an upload")).toBe(`${MAX_UPLOAD_PARTS}, of 16 to 512 MiB`);
  });
});
