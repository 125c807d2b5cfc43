import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { buildSif } from "@sifshelf/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type CliUser, createCliUser, finish } from "./cli-process.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const REF = "admin/images/hello:1.0";
/** More than a pipe holds whose reader does not read. */
const IMAGE = buildSif({ seed: 51, payloadBytes: 2_000_000 });

let library: TestLibrary;
let user: CliUser;

beforeAll(async () => {
  library = await startTestLibrary();
  const pusher = await newUser();
  const { exit } = await pusher.run(["push", "hello.sif", REF]);
  if (exit !== 0) throw new Error("nothing to pull");
  await pusher.remove();
});
afterAll(() => library.close());
beforeEach(async () => {
  user = await newUser();
});
afterEach(() => user.remove());

async function newUser(): Promise<CliUser> {
  const made = await createCliUser();
  await writeFile(join(made.folder, "hello.sif"), IMAGE);
  Object.assign(made.env, {
    SIFSHELF_LIBRARY: library.url,
    SIFSHELF_TOKEN: library.adminToken,
    // As on a machine with colours forced on.
    TERM: "xterm-256color",
  });
  return made;
}

const PULL = ["pull", REF, "--arch", "amd64", "-o", "pulled.sif"];

describe("sifshelf in a pipe", () => {
  describe("when progress is requested as JSON", () => {
    it("writes only events to standard error, the last one with the outcome", async () => {
      const { exit, stdout, stderr } = await user.run([...PULL, "--progress=json"]);
      expect(exit).toBe(0);
      const events = stderr
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      const ends = { event: "progress", bytesDone: IMAGE.length, bytesTotal: IMAGE.length };
      expect(events.at(-1)).toMatchObject({ ...ends, ended: "complete" });
      expect([...new Set(events.map(({ phase }) => phase))]).toEqual(["transfer", "verify"]);
      expect(events.map(({ ended }) => ended).filter(Boolean)).toEqual(["complete"]);
      expect(stdout.toString()).toMatch(/^pulled .*\n$/);
    });

    it("continues when its reader has left", async () => {
      const child = user.start([...PULL, "--progress=json"]);
      child.stderr?.destroy();
      expect((await finish(child)).exit).toBe(0);
      expect(await readdir(user.folder)).toContain("pulled.sif");
    });
  });

  it.each(["auto", "plain", "none"])(
    "writes no line of a short transfer in the style %s",
    async (style) => {
      const { exit, stderr } = await user.run([...PULL, `--progress=${style}`]);
      expect([exit, stderr]).toEqual([0, ""]);
    },
  );

  it("rejects an unknown style", async () => {
    const { exit, stderr } = await user.run([...PULL, "--progress=bar"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("auto, plain, json, none");
  });

  it.each([{}, { NO_COLOR: "1" }, { CLICOLOR: "1" }])("has no colours with %j", async (env) => {
    Object.assign(user.env, env);
    const { exit, stderr } = await user.run(["show", "admin/images/nothing"]);
    expect(exit).toBe(3);
    expect(stderr).not.toContain("\u001b");
  });

  describe("when the reader of the output leaves", () => {
    it.each([
      ["an image", ["pull", REF, "--arch", "amd64", "-o", "-"]],
      ["a result", ["show", REF]],
      ["a help", ["pull", "--help"]],
    ])("ends without a word after %s", async (_, args) => {
      const child = user.start(args);
      child.stdout?.destroy();
      const { exit, stderr } = await finish(child);
      expect([exit, stderr]).toEqual([1, ""]);
      // The pull left nothing in the folder for temporary files.
      expect(await readdir(join(user.folder, ".."))).toEqual(["home", "work"]);
    });

    it("ends in the middle of an image as well", async () => {
      const child = user.start(["pull", REF, "--arch", "amd64", "-o", "-"]);
      const { stdout } = child;
      if (stdout === null) throw new Error("no pipe");
      await once(stdout, "readable");
      stdout.read(10);
      stdout.destroy();
      const { exit, stderr } = await finish(child);
      expect([exit, stderr]).toEqual([1, ""]);
    });
  });
});
