import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { configPath, writeConfig } from "../config/config-file.js";
import { type LibraryRequest, resolveLibrary } from "./resolve-library.js";
import { type ScriptedServer, startScriptedServer } from "../testing/scripted-server.js";
import { createTestContext, type TestContext } from "../testing/test-context.js";

let context: TestContext;
let hub: ScriptedServer | undefined;
beforeEach(async () => {
  context = await createTestContext();
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
  await context.remove();
});

const resolve = (request: Partial<LibraryRequest> = {}) =>
  resolveLibrary({ httpsRefs: true, ...request }, context);

const configure = () =>
  writeConfig(context, {
    version: 1,
    defaultLibrary: "https://default.example/base",
    libraries: {
      "https://default.example": { token: "default-token" },
      "https://other.example:8443": { token: "other-token" },
    },
  });

/** Makes a remote active whose discovery document names `libraryUri`. */
async function activateRemote(libraryUri: string, isInsecure = true): Promise<void> {
  hub = await startScriptedServer(() => ({ json: { libraryAPI: { uri: libraryUri } } }));
  const path = join(context.homeDir, ".apptainer/remote.yaml");
  await mkdir(dirname(path), { recursive: true });
  const remote = `{URI: "${hub.host}", Token: remote-token, Insecure: ${isInsecure}}`;
  await writeFile(path, `Active: hub\nRemotes:\n  hub: ${remote}\n`);
}

describe("resolveLibrary", () => {
  describe("when several things name a library", () => {
    it("takes the flag, the ref, the environment, the configuration and remote.yaml in this order", async () => {
      await activateRemote("http://127.0.0.1:9");
      expect(await resolve()).toMatchObject({
        source: "remote.yaml",
        baseUrl: "http://127.0.0.1:9",
      });
      await configure();
      expect(await resolve()).toMatchObject({
        source: "config",
        baseUrl: "https://default.example/base",
      });
      context.env["SIFSHELF_LIBRARY"] = "https://env.example";
      expect(await resolve()).toMatchObject({
        source: "environment",
        baseUrl: "https://env.example",
      });
      expect(await resolve({ refHost: "ref.example" })).toMatchObject({
        source: "ref",
        baseUrl: "https://ref.example",
      });
      expect(await resolve({ refHost: "ref.example", flag: "https://flag.example" })).toMatchObject(
        {
          source: "flag",
          baseUrl: "https://flag.example",
          warnings: [expect.stringContaining("ref.example")],
        },
      );
    });

    it("asks the remote only when nothing else names a library", async () => {
      await activateRemote("http://127.0.0.1:9");
      await resolve({ refHost: "ref.example" });
      expect(hub?.requests).toEqual([]);
    });
  });

  describe("when SIFSHELF_TOKEN is set", () => {
    beforeEach(() => {
      context.env["SIFSHELF_TOKEN"] = "env-token";
    });

    it.each([
      ["the flag", { flag: "https://flag.example" }, {}],
      ["the environment", {}, { SIFSHELF_LIBRARY: "https://env.example" }],
    ])("belongs to the library of %s", async (_, request, env) => {
      Object.assign(context.env, env);
      expect(await resolve(request)).toMatchObject({
        token: "env-token",
        tokenSource: "environment",
      });
    });

    it("belongs to the default library, before the stored token", async () => {
      await configure();
      expect(await resolve()).toMatchObject({ token: "env-token" });
    });

    it("belongs to the library of the active remote when nothing else names one", async () => {
      await activateRemote("http://127.0.0.1:9");
      expect(await resolve()).toMatchObject({ token: "env-token" });
    });

    it.each(["ref.example", "default.example:8443", "default.example.evil.example"])(
      "is not for the host %s of a ref",
      async (refHost) => {
        await configure();
        const resolved = await resolve({ refHost });
        expect(resolved).not.toHaveProperty("token");
        expect(resolved.warnings).toEqual([expect.stringContaining("SIFSHELF_TOKEN is not sent")]);
      },
    );

    it("is for the host of a ref that is the configured library", async () => {
      await configure();
      const resolved = await resolve({ refHost: "default.example" });
      expect(resolved).toMatchObject({ token: "env-token", warnings: [] });
    });

    it("is not for plain http to the configured host", async () => {
      await configure();
      expect(await resolve({ refHost: "default.example", httpsRefs: false })).not.toHaveProperty(
        "token",
      );
    });

    it("rejects a text that is no token", async () => {
      context.env["SIFSHELF_TOKEN"] = "a b";
      await expect(resolve({ flag: "https://flag.example" })).rejects.toMatchObject({
        code: "token-not-valid",
      });
    });
  });

  describe("when tokens are stored", () => {
    beforeEach(configure);

    it.each([
      [{ refHost: "other.example:8443" }, "other-token"],
      [{ flag: "https://other.example:8443/some/path" }, "other-token"],
      [{}, "default-token"],
    ])("returns for %j the token of that origin", async (request, token) => {
      expect(await resolve(request)).toMatchObject({ token, tokenSource: "config" });
    });

    it.each([
      { refHost: "other.example" },
      { refHost: "sub.other.example:8443" },
      { refHost: "other.example:8443", httpsRefs: false },
      { flag: "https://elsewhere.example" },
    ])("returns for %j none", async (request) => {
      expect(await resolve(request)).not.toHaveProperty("token");
    });
  });

  it("warns about stored tokens that others can read", async () => {
    await configure();
    expect((await resolve()).warnings).toEqual([]);
    await chmod(configPath(context), 0o644);
    expect((await resolve()).warnings).toEqual([expect.stringContaining("other users can read")]);
  });

  describe("when the library comes from remote.yaml", () => {
    it("returns its token", async () => {
      await activateRemote("http://127.0.0.1:9");
      expect(await resolve()).toMatchObject({ token: "remote-token", tokenSource: "remote.yaml" });
    });

    it("rejects a step from https to http", async () => {
      await activateRemote("http://127.0.0.1:9", false);
      const { fetch } = context;
      const plain: typeof fetch = (input, init) =>
        fetch(input instanceof URL ? input.href.replace("https:", "http:") : input, init);
      await expect(
        resolveLibrary({ httpsRefs: true }, { ...context, fetch: plain }),
      ).rejects.toMatchObject({ code: "remote-not-usable" });
    });
  });

  describe("when the library is reached by plain http", () => {
    it("warns unless it is on this machine", async () => {
      expect((await resolve({ flag: "http://127.0.0.1:8080" })).warnings).toEqual([]);
      expect((await resolve({ flag: "http://lib.example" })).warnings).toEqual([
        expect.stringContaining("plain http"),
      ]);
    });
  });

  it("rejects when nothing names a library", async () => {
    await expect(resolve()).rejects.toMatchObject({ code: "no-library", exitCode: 2 });
  });

  it("takes empty variables for unset", async () => {
    context.env["SIFSHELF_LIBRARY"] = "";
    context.env["SIFSHELF_TOKEN"] = "";
    await configure();
    expect(await resolve()).toMatchObject({ source: "config", token: "default-token" });
  });
});
