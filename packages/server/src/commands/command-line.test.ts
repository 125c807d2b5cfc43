import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { authenticate } from "../accounts/authenticate.js";
import { isTokenSecret } from "../accounts/token-secret.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, runCommandLine } from "./command-line.js";

describe("runCommandLine", () => {
  let folder: string;
  let data: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-command-"));
    data = join(folder, "data");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs with the data folder of the test, given by the environment. */
  async function run(...args: string[]) {
    let stdout = "";
    let stderr = "";
    const code = await runCommandLine(args, {
      env: { SIFSHELF_SERVER_DATA: data },
      stdout: (text) => void (stdout += text),
      stderr: (text) => void (stderr += text),
    });
    return { code, stdout, stderr };
  }

  async function runJson(...args: string[]): Promise<Record<string, string>> {
    const { code, stdout, stderr } = await run(...args, "--json");
    expect({ code, stderr }).toEqual({ code: EXIT_OK, stderr: "" });
    return JSON.parse(stdout) as Record<string, string>;
  }

  async function principalOf(secret: string, nowMs = Date.now()) {
    const catalog = await openCatalog({ kind: "sqlite", path: join(data, "catalog.sqlite") });
    try {
      return await authenticate(catalog, `Bearer ${secret}`, nowMs);
    } finally {
      await catalog.close();
    }
  }

  describe("user add", () => {
    it("adds users to a folder that was not served yet", async () => {
      expect(await run("user", "add", "alice")).toMatchObject({ code: EXIT_OK, stderr: "" });
      expect(await runJson("user", "add", "bob", "--admin")).toMatchObject({
        name: "bob",
        isAdmin: true,
      });
      expect(await runJson("user", "list")).toMatchObject([
        { name: "alice", isAdmin: false },
        { name: "bob", isAdmin: true },
      ]);
    });

    it.each(["alice", "admin", "Alice", "a/b", "../x", "", "a".repeat(256), "аlice"])(
      "fails for the name %j",
      async (name) => {
        await run("user", "add", "alice");
        const { code, stdout, stderr } = await run("user", "add", name);

        expect({ code, stdout }).toEqual({ code: EXIT_FAILED, stdout: "" });
        expect(stderr).toMatch(/^sifshelf-server: /);
      },
    );
  });

  describe("user list", () => {
    it("prints a table without --json", async () => {
      await run("user", "add", "alice");
      const { stdout } = await run("user", "list");

      expect(stdout).toMatch(/^NAME +ROLE +CREATED +ID\nalice +user +\S+ +[0-9a-f]{24}\n$/);
    });
  });

  describe("token create", () => {
    beforeEach(() => run("user", "add", "alice"));

    it("prints the secret alone on stdout, the rest on stderr", async () => {
      const { code, stdout, stderr } = await run("token", "create", "alice");

      expect(code).toBe(EXIT_OK);
      expect(isTokenSecret(stdout.trimEnd())).toBe(true);
      expect(stderr).not.toContain(stdout.trimEnd());
      expect(await principalOf(stdout.trimEnd())).toMatchObject({
        userName: "alice",
        scope: "write",
        isAdmin: false,
      });
    });

    it("makes a token of the scope, label and time that it is told", async () => {
      const created = await runJson(
        "token",
        "create",
        "alice",
        "--scope",
        "read",
        "--label",
        "ci job",
        "--expires",
        "1h",
      );
      const nowMs = Date.parse(created["createdAt"] ?? "");

      expect(created).toMatchObject({
        user: "alice",
        scope: "read",
        label: "ci job",
        state: "active",
        revokedAt: null,
      });
      expect(Date.parse(created["expiresAt"] ?? "") - nowMs).toBe(3_600_000);
      expect(await principalOf(created["token"] ?? "", nowMs)).toMatchObject({
        scope: "read",
        tokenId: created["id"],
      });
      await expect(principalOf(created["token"] ?? "", nowMs + 3_600_000)).rejects.toMatchObject({
        code: "unauthorized",
      });
    });

    it("gives scope admin to admins only", async () => {
      await run("user", "add", "root", "--admin");

      expect((await run("token", "create", "alice", "--scope", "admin")).code).toBe(EXIT_FAILED);
      const { token = "" } = await runJson("token", "create", "root", "--scope", "admin");
      expect(await principalOf(token)).toMatchObject({ isAdmin: true });
    });

    it.each([
      [EXIT_FAILED, ["nobody"]],
      [EXIT_FAILED, ["alice", "--label", "two\nlines"]],
      [EXIT_FAILED, ["alice", "--label", "x".repeat(201)]],
      [EXIT_USAGE, ["alice", "--scope", "root"]],
      [EXIT_USAGE, ["alice", "--expires", "soon"]],
      [EXIT_USAGE, ["alice", "--expires", "0s"]],
      [EXIT_USAGE, []],
      [EXIT_USAGE, ["alice", "bob"]],
    ])("exits with %i for %j and makes no token", async (code, args) => {
      expect(await run("token", "create", ...args)).toMatchObject({ code, stdout: "" });
      expect(await runJson("token", "list")).toEqual([]);
    });
  });

  describe("token list and token revoke", () => {
    it("shows tokens without secrets, and ends one at once", async () => {
      await run("user", "add", "alice");
      await run("user", "add", "bob");
      const first = await runJson("token", "create", "alice");
      const second = await runJson("token", "create", "bob");
      const { stdout } = await run("token", "revoke", first["id"] ?? "");

      expect(stdout).toContain(first["id"]);
      expect(await runJson("token", "list")).toMatchObject([
        { id: first["id"], user: "alice", state: "revoked" },
        { id: second["id"], user: "bob", state: "active" },
      ]);
      expect(await runJson("token", "list", "bob")).toMatchObject([{ id: second["id"] }]);
      const table = (await run("token", "list")).stdout;
      expect(table).not.toContain("sifs_");
      await expect(principalOf(first["token"] ?? "")).rejects.toMatchObject({
        code: "unauthorized",
      });
      expect(await principalOf(second["token"] ?? "")).toMatchObject({ userName: "bob" });
    });

    it("keeps the first time when revoked twice", async () => {
      await run("user", "add", "alice");
      const { id = "" } = await runJson("token", "create", "alice");
      const first = await runJson("token", "revoke", id);

      expect(await runJson("token", "revoke", id)).toEqual(first);
    });

    it("shows a token as expired when its time is up", async () => {
      await run("user", "add", "alice");
      const { expiresAt = "" } = await runJson("token", "create", "alice", "--expires", "1ms");
      await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(expiresAt));

      expect(await runJson("token", "list")).toMatchObject([{ state: "expired" }]);
    });

    it("fails for an id or user that is not there", async () => {
      await run("user", "add", "alice");

      expect((await run("token", "revoke", "0".repeat(24))).code).toBe(EXIT_FAILED);
      expect((await run("token", "list", "nobody")).code).toBe(EXIT_FAILED);
    });
  });

  describe("when the folder holds no library", () => {
    it.each([
      ["user", "list"],
      ["token", "list"],
      ["token", "create", "alice"],
    ])("fails %s %s without making one", async (...args) => {
      expect(await run(...args)).toMatchObject({ code: EXIT_FAILED, stdout: "" });
      expect(existsSync(data)).toBe(false);
    });
  });

  describe("when the arguments make no sense", () => {
    it.each([
      ["bogus"],
      ["user"],
      ["user", "bogus"],
      ["--bogus"],
      ["user", "list", "--bogus"],
      ["--listen"],
    ])("exits with 2 for %s %s", async (...args) => {
      const { code, stdout, stderr } = await run(...args);

      expect({ code, stdout }).toEqual({ code: EXIT_USAGE, stdout: "" });
      expect(stderr).not.toBe("");
    });

    it("reports every fault of the configuration", async () => {
      const { code, stderr } = await run(
        "user",
        "list",
        "--listen",
        "x",
        "--log-level",
        "y",
        "--anonymous-read",
        "z",
      );

      expect(code).toBe(EXIT_USAGE);
      expect(stderr).toMatch(/--listen[^]*--anonymous-read[^]*--log-level/);
    });
  });

  describe("when only asked about itself", () => {
    it("prints version and help on stdout", async () => {
      expect(await run("--version")).toMatchObject({
        code: EXIT_OK,
        stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
      });
      expect(await run("--help")).toMatchObject({ code: EXIT_OK, stderr: "" });
      expect((await run("token", "create", "--help")).code).toBe(EXIT_OK);
    });
  });
});
