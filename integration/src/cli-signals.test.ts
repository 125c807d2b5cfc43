import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { json as readJson } from "node:stream/consumers";
import { join } from "node:path";

import { writeSifFile } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type CliUser, createCliUser, finish } from "./cli-process.js";

let user: CliUser;
let server: Server | undefined;
beforeEach(async () => {
  user = await createCliUser();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await user.remove();
});

const SIZE = 1024 * 1024;
const IMAGE = { id: "1".repeat(24), hash: `sha256.${"0".repeat(64)}`, size: SIZE, uploaded: true };

/** A library that stalls in the middle of every transfer; resolves when a transfer has begun. */
async function startStallingLibrary(): Promise<{ transferBegan: Promise<void> }> {
  let begin = () => {};
  const transferBegan = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const listener: RequestListener = (request, response) => {
    const { method, url = "" } = request;
    if (url.startsWith("/v1/imagefile/") && method === "GET") {
      response.writeHead(200, { "content-length": SIZE });
      response.write(Buffer.alloc(1000), () => begin());
    } else if (url.startsWith("/v1/imagefile/")) {
      request.once("data", () => request.pause() && begin());
    } else if (url.startsWith("/v1/images/") && url.includes(":1")) {
      response.end(JSON.stringify({ data: IMAGE }));
    } else if (method === "GET" && !url.startsWith("/v1/images/") && url !== "/version") {
      response.end(JSON.stringify({ data: { id: "2".repeat(24), name: "x" } }));
    } else if (method === "POST") {
      void readJson(request).then((record) =>
        response.end(
          JSON.stringify({ data: { ...Object(record), id: IMAGE.id, uploaded: false } }),
        ),
      );
    } else {
      response.writeHead(404).end();
    }
  };
  server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  user.env["SIFSHELF_LIBRARY"] = `http://127.0.0.1:${address.port}`;
  return { transferBegan };
}

describe("a signal", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends a pull on %s with %d and leaves nothing", async (signal, exitCode) => {
    const { transferBegan } = await startStallingLibrary();
    const child = user.start(["pull", "--json", "a/b/c:1"]);
    const finished = finish(child);
    await Promise.race([transferBegan, finished]);
    child.kill(signal);
    const { exit, json } = await finished;
    expect([exit, json.error.exitCode]).toEqual([exitCode, exitCode]);
    expect(await readdir(user.folder)).toEqual([]);
  });

  it("ends a pull to standard output without a byte", async () => {
    const { transferBegan } = await startStallingLibrary();
    const child = user.start(["pull", "-o", "-", "a/b/c:1"]);
    const finished = finish(child);
    await Promise.race([transferBegan, finished]);
    child.kill("SIGINT");
    const { exit, stdout } = await finished;
    expect([exit, stdout.length]).toEqual([130, 0]);
    expect(await readdir(join(user.folder, ".."))).toEqual(["home", "work"]);
  });

  it("ends a push", async () => {
    const { transferBegan } = await startStallingLibrary();
    await writeSifFile(join(user.folder, "x.sif"), { payloadBytes: 8 * SIZE });
    const child = user.start(["push", "x.sif", "a/b/c"]);
    const finished = finish(child);
    await Promise.race([transferBegan, finished]);
    child.kill("SIGTERM");
    expect((await finished).exit).toBe(143);
  });
});
