import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createTestContext, type TestContext } from "../testing/test-context.js";
import { configPath, readConfig, writeConfig } from "./config-file.js";

let context: TestContext;
beforeEach(async () => {
  context = await createTestContext();
});
afterEach(() => context.remove());

const CONFIG = {
  version: 1,
  defaultLibrary: "https://lib.example",
  libraries: { "https://lib.example": { token: "t", username: "alice" } },
} as const;

async function put(text: string): Promise<void> {
  await mkdir(dirname(configPath(context)), { recursive: true });
  await writeFile(configPath(context), text);
}

describe("configPath", () => {
  it("returns a path in XDG_CONFIG_HOME if that is absolute", () => {
    context.env["XDG_CONFIG_HOME"] = "/xdg";
    expect(configPath(context)).toBe("/xdg/sifshelf/config.json");
    context.env["XDG_CONFIG_HOME"] = "relative";
    expect(configPath(context)).toBe(join(context.homeDir, ".config/sifshelf/config.json"));
  });
});

describe("readConfig", () => {
  it("returns an empty configuration when there is none", async () => {
    expect(await readConfig(context)).toEqual({ version: 1, libraries: {} });
  });

  it("returns what was written", async () => {
    await writeConfig(context, CONFIG);
    expect(await readConfig(context)).toEqual(CONFIG);
  });

  it.each([
    "",
    "{",
    "[]",
    '{"version":2}',
    '{"libraries":{"x":{}}}',
    '{"libraries":{"x":{"token":1}}}',
  ])("rejects %j", async (text) => {
    await put(text);
    await expect(readConfig(context)).rejects.toMatchObject({ code: "config-not-valid" });
  });

  it("rejects a folder in its place", async () => {
    await mkdir(configPath(context), { recursive: true });
    await expect(readConfig(context)).rejects.toMatchObject({ code: "config-not-valid" });
  });
});

describe("writeConfig", () => {
  it("writes a file only its owner can read, in a folder only its owner can enter", async () => {
    const folder = dirname(configPath(context));
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
    await put("{}");
    await chmod(configPath(context), 0o644);
    await writeConfig(context, CONFIG);
    expect((await stat(configPath(context))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(["config.json"]);
  });

  it("replaces a link instead of writing through it", async () => {
    const other = join(context.cwd, "other");
    await writeFile(other, "other");
    await mkdir(dirname(configPath(context)), { recursive: true });
    await symlink(other, configPath(context));
    await writeConfig(context, CONFIG);
    expect(await readFile(other, "utf8")).toBe("other");
  });
});
