import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { writeConfig } from "./config/config-file.js";
import { replyAsLibrary, GOOD_TOKEN } from "./testing/scripted-library.js";
import {
  type ScriptedReply,
  type ScriptedServer,
  type SeenRequest,
  startScriptedServer,
} from "./testing/scripted-server.js";
import { createTestContext, type TestContext } from "./testing/test-context.js";

let context: TestContext;
let foreign: ScriptedServer;
let library: ScriptedServer;
/** Requests that the library redirects to the foreign server. */
let leadsAway: (request: SeenRequest) => boolean;

beforeEach(async () => {
  leadsAway = () => false;
  foreign = await startScriptedServer((request) => replyAsLibrary(withoutToken(request)));
  library = await startScriptedServer((request) =>
    leadsAway(request) ? redirect(request, foreign.origin) : replyAsLibrary(request),
  );
  context = await createTestContext();
});
afterEach(async () => {
  await context.remove();
  await library.close();
  await foreign.close();
});

const REF = "alice/images/alpine:3.18";

function withoutToken(request: SeenRequest): SeenRequest {
  return { ...request, authorization: undefined };
}

function redirect({ url }: SeenRequest, origin: string): ScriptedReply {
  return { status: 303, headers: { location: `${origin}${url}` } };
}

/** Everything that the foreign server and the terminal got to see. */
function seenElsewhere(): string {
  const requests = JSON.stringify(foreign.requests);
  return requests + context.stdout.text + context.stderr.text;
}

async function store(): Promise<void> {
  const libraries = { [library.origin]: { token: GOOD_TOKEN } };
  await writeConfig(context, { version: 1, defaultLibrary: library.origin, libraries });
}

describe("a token", () => {
  it.each([
    ["the environment", async () => void (context.env["SIFSHELF_TOKEN"] = GOOD_TOKEN)],
    ["the configuration", store],
  ])("from %s reaches its library and not where the library leads", async (_, give) => {
    await give();
    context.env["SIFSHELF_LIBRARY"] = library.origin;
    leadsAway = ({ url }) => url.startsWith("/v1/imagefile/");
    const { exitCode } = await context.sifshelf("pull", "-v", REF);
    expect(exitCode).toBe(0);
    expect(
      library.requests.every(({ authorization }) => authorization === `Bearer ${GOOD_TOKEN}`),
    ).toBe(true);
    expect(foreign.requests.length).toBeGreaterThan(0);
    expect(seenElsewhere()).not.toContain(GOOD_TOKEN);
  });

  it.each([["show"], ["delete", "--yes"], ["search"], ["version"]])(
    "does not follow a redirect of %s",
    async (...argv) => {
      context.env["SIFSHELF_TOKEN"] = GOOD_TOKEN;
      context.env["SIFSHELF_LIBRARY"] = library.origin;
      leadsAway = () => true;
      const argument = { search: ["alpine"], version: [] }[argv[0] ?? ""] ?? [REF];
      await context.sifshelf(...argv, "-v", ...argument);
      expect(seenElsewhere()).not.toContain(GOOD_TOKEN);
    },
  );

  it("is not sent to a host that only a ref names", async () => {
    context.env["SIFSHELF_TOKEN"] = GOOD_TOKEN;
    await store();
    const outcome = await context.sifshelf(
      "pull",
      "-v",
      "--no-https",
      `library://${foreign.host}/${REF}`,
    );
    expect(outcome.exitCode).toBe(0);
    expect(foreign.requests.map(({ authorization }) => authorization)).not.toContain(
      `Bearer ${GOOD_TOKEN}`,
    );
    expect(seenElsewhere()).not.toContain(GOOD_TOKEN);
  });

  it("of a remote.yaml is not sent to the remote's other services", async () => {
    const document = { libraryAPI: { uri: library.origin } };
    const hub = await startScriptedServer(() => ({ json: document }));
    const path = join(context.homeDir, ".singularity/remote.yaml");
    await mkdir(dirname(path), { recursive: true });
    const remote = `{URI: "${hub.host}", Token: ${GOOD_TOKEN}, Insecure: true}`;
    await writeFile(path, `Active: hub\nRemotes:\n  hub: ${remote}\n`);
    const { exitCode } = await context.sifshelf("show", REF);
    await hub.close();
    expect(exitCode).toBe(0);
    expect(JSON.stringify(hub.requests)).not.toContain(GOOD_TOKEN);
    expect(library.requests[0]?.authorization).toBe(`Bearer ${GOOD_TOKEN}`);
  });

  it("that a login sends is not sent where the library leads, nor stored", async () => {
    leadsAway = () => true;
    const asking = await createTestContext({ stdin: GOOD_TOKEN });
    const { exitCode } = await asking.sifshelf("login", "--token-stdin", library.origin);
    await asking.remove();
    expect(JSON.stringify(foreign.requests)).not.toContain(GOOD_TOKEN);
    expect(exitCode).toBe(1);
  });
});
