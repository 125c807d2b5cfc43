import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { cliVersion } from "./cli-version.js";
import { COMMANDS } from "./command-table.js";
import { createTestContext, type TestContext } from "./testing/test-context.js";

let context: TestContext;
beforeEach(async () => {
  context = await createTestContext();
});
afterEach(() => context.remove());

describe("run", () => {
  describe("when no command given", () => {
    it("prints the help on standard error and returns 2", async () => {
      const { exitCode, stdout, stderr } = await context.sifshelf();
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("Usage: sifshelf <command>");
    });

    it.each([["--help"], ["-h"], ["help"]])(
      "prints the help for %s and returns 0",
      async (flag) => {
        const { exitCode, stdout } = await context.sifshelf(flag);
        expect(exitCode).toBe(0);
        for (const { name } of COMMANDS) expect(stdout).toContain(`\n  ${name} `);
      },
    );

    it.each([["--version"], ["-V"]])("prints the version for %s", async (flag) => {
      expect(await context.sifshelf(flag)).toMatchObject({
        exitCode: 0,
        stdout: `${cliVersion()}\n`,
      });
    });

    it("rejects options alone", async () => {
      expect(await context.sifshelf("--quiet")).toMatchObject({ exitCode: 2 });
    });
  });

  describe("when the command does not exist", () => {
    it("suggests the nearest one and returns 2", async () => {
      const { exitCode, stderr } = await context.sifshelf("pul", "alpine");
      expect(exitCode).toBe(2);
      expect(stderr).toContain('did you mean "sifshelf pull"?');
    });

    it("makes what was typed printable", async () => {
      const { stderr } = await context.sifshelf("\u001b[2J");
      expect(stderr).not.toContain("\u001b");
    });
  });

  describe("when the command is one of several with the same first word", () => {
    it("prints them for the word alone and returns 2", async () => {
      const { exitCode, stdout, stderr } = await context.sifshelf("sif");
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("Usage: sifshelf sif <command>");
    });

    it.each([
      ["sif", "--help"],
      ["help", "sif"],
    ])("prints them for %s %s and returns 0", async (...argv) => {
      const { exitCode, stdout } = await context.sifshelf(...argv);
      expect(exitCode).toBe(0);
      expect(stdout).toContain("\n  sif list ");
      expect(stdout).not.toContain("\n  push ");
    });

    it("suggests the nearest one for a wrong second word", async () => {
      const { exitCode, stderr } = await context.sifshelf("sif", "lits", "a.sif");
      expect(exitCode).toBe(2);
      expect(stderr).toContain('did you mean "sifshelf sif list"?');
    });

    it("takes options between the words, and siftool's name of delete", async () => {
      const { json } = await context.sifshelf("sif", "--json", "del", "x", "a.sif");
      expect(json).toMatchObject({ code: "usage", error: { code: "usage" } });
    });
  });

  describe.each(COMMANDS)("when the command is $name", ({ name, load }) => {
    it("prints its help with examples and returns 0", async () => {
      const { exitCode, stdout } = await context.sifshelf(...name.split(" "), "--help");
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`Usage: sifshelf ${name}`);
      expect(stdout).toContain("Examples:\n  sifshelf");
      expect(stdout).toContain("--library <url>");
      expect(await context.sifshelf("help", ...name.split(" "))).toMatchObject({
        exitCode: 0,
        stdout,
      });
    });

    it("rejects an unknown option with its usage", async () => {
      const { exitCode, stderr } = await context.sifshelf(...name.split(" "), "--frobnicate");
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`usage: sifshelf ${name} ${(await load()).define().usage()}`);
    });

    it("rejects an unknown option as JSON", async () => {
      const { exitCode, json, stderr } = await context.sifshelf(
        ...name.split(" "),
        "--json",
        "--frobnicate",
      );
      expect(json).toMatchObject({ ok: false, error: { code: "usage", exitCode: 2 } });
      expect([exitCode, stderr]).toEqual([2, ""]);
    });

    it("rejects more arguments than it takes", async () => {
      const { exitCode } = await context.sifshelf(...name.split(" "), "alpine", "b", "c", "d");
      expect(exitCode).toBe(2);
    });
  });

  it("takes common options before the command, too", async () => {
    const { json } = await context.sifshelf("--json", "--library", "ftp://h", "version");
    expect(json).toMatchObject({ ok: false, error: { code: "library-url-not-valid" } });
  });

  it("prints no-library when nothing names one", async () => {
    const { exitCode, stderr } = await context.sifshelf("pull", "alpine");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("[no-library]");
    expect(stderr).toContain("next: ");
  });
});
