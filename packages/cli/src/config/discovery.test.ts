import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  type Responder,
  type ScriptedServer,
  startScriptedServer,
} from "../testing/scripted-server.js";
import { createTestContext, type TestContext } from "../testing/test-context.js";
import { discoverLibrary } from "./discovery.js";

let context: TestContext;
let server: ScriptedServer | undefined;
beforeEach(async () => {
  context = await createTestContext();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await context.remove();
});

async function discover(respond: Responder, uri?: string): Promise<string | undefined> {
  server = await startScriptedServer(respond);
  const remote = { path: "remote.yaml", name: "mine", isInsecure: true, token: "canary" };
  return discoverLibrary({ ...remote, uri: uri ?? server.host }, context);
}

describe("discoverLibrary", () => {
  const document = { libraryAPI: { uri: "http://lib.example" }, keystoreAPI: { uri: "x" } };

  it("returns the library of the document, asked for without a token", async () => {
    expect(await discover(() => ({ json: document }))).toBe("http://lib.example");
    expect(server?.requests).toMatchObject([
      { method: "GET", url: "/assets/config/config.prod.json", authorization: undefined },
    ]);
  });

  it("asks below the path of the remote, by http when it is insecure", async () => {
    server = await startScriptedServer(() => ({ json: document }));
    const uri = `https://${server.host}/hub/`;
    await discoverLibrary({ path: "p", name: "n", uri, isInsecure: true }, context);
    expect(server.requests[0]?.url).toBe("/hub/assets/config/config.prod.json");
  });

  it("returns nothing when the document names no library", async () => {
    expect(await discover(() => ({ json: { keystoreAPI: { uri: "x" } } }))).toBeUndefined();
  });

  it.each<[string, Responder]>([
    ["status 404", () => undefined],
    ["status 500", () => ({ status: 500, body: "x" })],
    ["HTML", () => ({ body: "<html>" })],
    ["another shape", () => ({ json: { libraryAPI: "http://lib.example" } })],
    ["too much", () => ({ body: `"${"x".repeat(5 * 1024 * 1024)}"` })],
  ])("rejects %s", async (_, respond) => {
    await expect(discover(respond)).rejects.toMatchObject({ code: "discovery-failed" });
  });

  it("rejects a remote that does not reply", async () => {
    server = await startScriptedServer(() => undefined);
    const uri = server.host;
    await server.close();
    const remote = { path: "p", name: "n", uri, isInsecure: true };
    await expect(discoverLibrary(remote, context)).rejects.toMatchObject({
      code: "discovery-failed",
    });
  });

  it("rejects a URI that is none", async () => {
    await expect(discover(() => ({ json: document }), "a b")).rejects.toMatchObject({
      code: "remote-not-usable",
    });
  });

  it("rejects with the reason of the signal when interrupted", async () => {
    const discovered = discover(() => {
      context.interrupt("SIGINT");
      return { json: document };
    });
    await expect(discovered).rejects.toMatchObject({ name: "Interruption" });
  });
});
