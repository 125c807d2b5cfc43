import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createTestContext, type TestContext } from "../testing/test-context.js";
import { type ActiveRemote, readActiveRemotes } from "./remote-yaml.js";

let context: TestContext;
beforeEach(async () => {
  context = await createTestContext();
});
afterEach(() => context.remove());

async function put(name: ".apptainer" | ".singularity", text: string): Promise<void> {
  const path = join(context.homeDir, name, "remote.yaml");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function read(): Promise<ActiveRemote[]> {
  const remotes: ActiveRemote[] = [];
  for await (const remote of readActiveRemotes(context.homeDir)) remotes.push(remote);
  return remotes;
}

const REMOTE = `
Active: mine
Remotes:
  other: {URI: other.example, Token: wrong, System: true, Exclusive: false}
  mine:
    URI: hub.example
    Token: right
    System: false
    Exclusive: false
    Insecure: true
    Keyservers: [{URI: "https://keys.example", Skip: false}]
Credentials: [{URI: "https://keys2.example", Auth: "Bearer x", Insecure: false}]
`;

describe("readActiveRemotes", () => {
  it("returns the active remote of each tool, Apptainer first", async () => {
    await put(".singularity", REMOTE);
    await put(".apptainer", "Active: a\nRemotes:\n  a: {URI: a.example}\n");
    expect(await read()).toMatchObject([
      { name: "a", uri: "a.example", isInsecure: false },
      { name: "mine", uri: "hub.example", token: "right", isInsecure: true },
    ]);
  });

  it.each([
    ["there is no file", undefined],
    ["the file is empty", ""],
    ["no remote is active", "Remotes: {a: {URI: a.example}}"],
    ["the active remote does not exist", "Active: b\nRemotes: {a: {URI: a.example}}"],
    ["the active remote is named like a property of objects", "Active: constructor\nRemotes: {}"],
    ["the active remote has no URI", "Active: a\nRemotes: {a: {Token: t}}"],
  ])("returns nothing when %s", async (_, text) => {
    if (text !== undefined) await put(".apptainer", text);
    expect(await read()).toEqual([]);
  });

  it.each([
    ["not YAML", "Active: [secret-token"],
    ["of another shape", "Active: mine\nRemotes: [secret-token]"],
    ["a bomb of aliases", yamlBomb()],
    ["too long", `# ${"x".repeat(1024 * 1024)}`],
  ])("rejects a file that is %s, without quoting it", async (_, text) => {
    await put(".apptainer", text);
    const error: unknown = await read().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "remote-not-usable" });
    expect(String(error)).not.toContain("secret-token");
  });
});

function yamlBomb(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 12; level++) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(", ")}]`,
    );
  }
  return `${lines.join("\n")}\nActive: x\n`;
}
