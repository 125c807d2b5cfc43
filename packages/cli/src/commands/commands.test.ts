import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { configPath, readConfig, writeConfig } from "../config/config-file.js";
import {
  replyAsLibrary,
  GOOD_TOKEN,
  IMAGE_BYTES,
  IMAGE_HASH,
} from "../testing/scripted-library.js";
import { type ScriptedServer, startScriptedServer } from "../testing/scripted-server.js";
import {
  createTestContext,
  type TestContext,
  type TestContextOptions,
} from "../testing/test-context.js";

let library: ScriptedServer;
const contexts: TestContext[] = [];
beforeEach(async () => {
  library = await startScriptedServer(replyAsLibrary);
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.remove()));
  await library.close();
});

/** A context whose default library is the scripted one. */
async function open(options?: TestContextOptions): Promise<TestContext> {
  const context = await createTestContext(options);
  context.env["SIFSHELF_LIBRARY"] = library.origin;
  contexts.push(context);
  return context;
}

function deletions() {
  return library.requests.filter(({ method }) => method === "DELETE");
}

describe("login", () => {
  it("stores a token that the library accepts, for its origin", async () => {
    const context = await open({ stdin: `${GOOD_TOKEN}\n` });
    const { exitCode, json } = await context.sifshelf(
      "login",
      "--json",
      "--token-stdin",
      library.origin,
    );
    expect(exitCode).toBe(0);
    expect(json).toEqual({ ok: true, library: library.origin, username: "alice", isDefault: true });
    expect(await readConfig(context)).toEqual({
      version: 1,
      defaultLibrary: library.origin,
      libraries: { [library.origin]: { token: GOOD_TOKEN, username: "alice" } },
    });
    expect((await stat(configPath(context))).mode & 0o777).toBe(0o600);
  });

  it("asks for the token on a terminal", async () => {
    const context = await open({ isTerminal: true, answers: { secret: GOOD_TOKEN } });
    const { exitCode, stdout, stderr } = await context.sifshelf("login", library.origin);
    expect(exitCode).toBe(0);
    expect(context.questions).toEqual([`Token for ${library.origin}`]);
    expect(stdout + stderr).not.toContain(GOOD_TOKEN);
  });

  it("rejects without a terminal and without --token-stdin, and asks nothing", async () => {
    const context = await open({ stdin: GOOD_TOKEN });
    expect(await context.sifshelf("login", library.origin)).toMatchObject({ exitCode: 2 });
    expect([context.questions, library.requests]).toEqual([[], []]);
  });

  it("rejects a dismissed question", async () => {
    const context = await open({ isTerminal: true });
    expect(await context.sifshelf("login", library.origin)).toMatchObject({ exitCode: 130 });
  });

  it("stores nothing that the library does not accept", async () => {
    const context = await open({ stdin: "bad-token" });
    const { exitCode, stdout, stderr } = await context.sifshelf(
      "login",
      "--token-stdin",
      library.origin,
    );
    expect(exitCode).toBe(4);
    expect(stdout + stderr).not.toContain("bad-token");
    await expect(stat(configPath(context))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("rejects a library that cannot tell whose token it is", async () => {
    const mute = await startScriptedServer(() => undefined);
    const context = await open({ stdin: GOOD_TOKEN });
    const outcome = await context.sifshelf("login", "--json", "--token-stdin", mute.origin);
    await mute.close();
    expect(outcome.json).toMatchObject({ error: { code: "token-not-verified", exitCode: 4 } });
  });

  it.each(["", "two words", "x".repeat(10_000)])("rejects %j before any request", async (stdin) => {
    const context = await open({ stdin });
    const outcome = await context.sifshelf("login", "--json", "--token-stdin", library.origin);
    expect(outcome.json).toMatchObject({ error: { code: "token-not-valid" } });
    expect(library.requests).toEqual([]);
  });

  it("keeps the default library unless asked", async () => {
    const context = await open({ isTerminal: true, answers: { secret: GOOD_TOKEN } });
    const other = "https://other.example";
    await writeConfig(context, { version: 1, defaultLibrary: other, libraries: {} });
    await context.sifshelf("login", library.origin);
    expect(await readConfig(context)).toMatchObject({ defaultLibrary: other });
    await context.sifshelf("login", "--default", library.origin);
    expect(await readConfig(context)).toMatchObject({ defaultLibrary: library.origin });
  });
});

describe("logout", () => {
  it("removes the token, once, and keeps the default library", async () => {
    const context = await open({ stdin: GOOD_TOKEN });
    await context.sifshelf("login", "--token-stdin", library.origin);
    const removed = await context.sifshelf("logout", "--json");
    expect(removed.json).toEqual({ ok: true, library: library.origin, removed: true });
    expect(await readConfig(context)).toEqual({
      version: 1,
      defaultLibrary: library.origin,
      libraries: {},
    });
    expect((await context.sifshelf("logout", "--json")).json).toMatchObject({ removed: false });
  });

  it("rejects when nothing names a library", async () => {
    const context = await open();
    delete context.env["SIFSHELF_LIBRARY"];
    expect(await context.sifshelf("logout")).toMatchObject({ exitCode: 2 });
  });
});

describe("version", () => {
  it("prints ours and the library's", async () => {
    const context = await open();
    const { json } = await context.sifshelf("version", "--json");
    expect(json).toMatchObject({
      ok: true,
      library: { url: library.origin, version: "9.9.9", apiVersion: "2.0.0-alpha.2" },
    });
  });

  it("prints ours alone when no library given", async () => {
    const context = await open();
    delete context.env["SIFSHELF_LIBRARY"];
    expect((await context.sifshelf("version", "--json")).json).toMatchObject({ library: null });
  });
});

describe("search", () => {
  it("prints what was found", async () => {
    const context = await open();
    const { exitCode, stdout } = await context.sifshelf(
      "search",
      "--arch",
      "x86_64",
      "--signed",
      "alpine",
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain("\tlibrary://alice/images/alpine:3.18,latest\n");
    const { searchParams } = new URL(library.requests[0]?.url ?? "", library.origin);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      value: "alpine",
      arch: "amd64",
      signed: "true",
    });
  });

  it("prints nothing that could steer a terminal", async () => {
    const context = await open();
    for (const format of ["--json", "--quiet"]) {
      const { stdout } = await context.sifshelf("search", format, "alpine");
      expect(stdout.replaceAll(/[\t\n]/g, "")).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });

  it("prints an empty result and returns 0", async () => {
    const context = await open();
    const { exitCode, json } = await context.sifshelf("search", "--json", "nothing");
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ ok: true, images: [], truncated: false });
  });

  it("rejects a value that is too short before any request", async () => {
    const context = await open();
    expect(await context.sifshelf("search", "al")).toMatchObject({ exitCode: 2 });
    expect(library.requests).toEqual([]);
  });
});

describe("show", () => {
  it.each([
    ["alice/images/alpine:latest", { kind: "image", image: { hash: IMAGE_HASH, arch: "amd64" } }],
    ["alice/images/alpine", { kind: "container", private: true, images: 1, downloads: 7 }],
    ["alice/images", { kind: "collection", containers: 2 }],
    ["alice", { kind: "entity", quotaBytes: 4096, collections: 1 }],
  ])("prints for %s %j", async (ref, expected) => {
    const context = await open();
    const { exitCode, json } = await context.sifshelf("show", "--json", ref);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ ok: true, ...expected });
    const { stdout } = await context.sifshelf("show", ref);
    expect(stdout).toMatch(/^library:\/\/alice/);
    expect(stdout).not.toContain("\u001b");
  });

  it("returns 3 for what does not exist", async () => {
    const context = await open();
    const { exitCode, json } = await context.sifshelf("show", "--json", "alice/images/other");
    expect(exitCode).toBe(3);
    expect(json).toMatchObject({ ok: false, error: { code: "not-found", status: 404 } });
  });
});

describe("delete", () => {
  const REF = "alice/images/alpine:3.18";

  it("deletes by hash what the tag stands for", async () => {
    const context = await open();
    const { exitCode, json } = await context.sifshelf("delete", "--json", "--yes", REF);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ ok: true, hash: IMAGE_HASH, arch: "amd64" });
    expect(deletions()).toMatchObject([
      { url: `/v1/images/alice/images/alpine:${IMAGE_HASH}?arch=amd64` },
    ]);
  });

  it("asks on a terminal, without what could steer it", async () => {
    const context = await open({ isTerminal: true, answers: { confirm: true } });
    expect(await context.sifshelf("delete", REF)).toMatchObject({ exitCode: 0 });
    expect(context.questions).toEqual([expect.stringContaining("3.18, latest")]);
    expect(deletions()).toHaveLength(1);
  });

  it("deletes nothing when the answer is no", async () => {
    const context = await open({ isTerminal: true, answers: { confirm: false } });
    expect(await context.sifshelf("delete", REF)).toMatchObject({ exitCode: 1 });
    expect(deletions()).toEqual([]);
  });

  it("rejects without a terminal and without --yes, before any request", async () => {
    const context = await open();
    expect(await context.sifshelf("delete", REF)).toMatchObject({ exitCode: 2 });
    expect(library.requests).toEqual([]);
  });
});

describe("pull", () => {
  it("writes the verified image under the name that singularity gives it", async () => {
    const context = await open();
    const { exitCode, json } = await context.sifshelf("pull", "--json", "alice/images/alpine:3.18");
    const path = join(context.cwd, "alpine_3.18.sif");
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ ok: true, path, hash: IMAGE_HASH, transferred: true });
    expect(await readFile(path)).toEqual(IMAGE_BYTES);
  });

  it("writes to standard output", async () => {
    const context = await open();
    const { exitCode, stdoutBytes } = await context.sifshelf(
      "pull",
      "-o",
      "-",
      "alice/images/alpine",
    );
    expect([exitCode, stdoutBytes]).toEqual([0, IMAGE_BYTES]);
  });

  it("rejects standard output that is a terminal before any request", async () => {
    const context = await open();
    context.stdout.isTTY = true;
    expect(await context.sifshelf("pull", "-o", "-", "alice/images/alpine")).toMatchObject({
      exitCode: 2,
    });
    expect(library.requests).toEqual([]);
  });

  it("asks for this machine's arch, or the one that is named", async () => {
    const context = await open();
    const argv = ["pull", "--arch", "aarch64", "alice/images/alpine"];
    expect(await context.sifshelf(...argv)).toMatchObject({ exitCode: 3 });
    expect(library.requests[0]?.url).toContain("arch=arm64");
  });
});

describe("push", () => {
  it("rejects what is no SIF image before any request", async () => {
    const context = await open();
    await writeFile(join(context.cwd, "a.sif"), "not a SIF image, but long enough ".repeat(9));
    const { exitCode, json } = await context.sifshelf("push", "--json", "a.sif", "alice/images/x");
    expect(exitCode).toBe(6);
    expect(json).toMatchObject({ error: { code: "sif-bad-magic" } });
    expect(library.requests).toEqual([]);
  });

  it.each([
    ["missing.sif", 3],
    [".", 2],
  ])("rejects the file %s with %d", async (file, exitCode) => {
    const context = await open();
    expect(await context.sifshelf("push", file, "alice/images/x")).toMatchObject({ exitCode });
    expect(library.requests).toEqual([]);
  });
});

describe("--verbose", () => {
  it("traces requests without the token", async () => {
    const context = await open();
    context.env["SIFSHELF_TOKEN"] = GOOD_TOKEN;
    const { stderr } = await context.sifshelf("show", "-v", "alice");
    expect(stderr).toContain("/v1/entities/alice");
    expect(stderr).not.toContain(GOOD_TOKEN);
  });
});
