import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type Socket, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { pushRaw, rawLibrary } from "./raw-library.js";
import { type ServerProcess, startServerProcess } from "./server-process.js";

/** Takes a few turns of the event loop, so that Node dispatches thousands before one has ended. */
const FLOOD = "v1/imagefile/e/c/n:latest?arch=amd64";
const LOOKUP = "v1/images/e/c/n:latest?arch=amd64";
const MANY = 20_000;

let folder: string;
let server: ServerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-pipelined-"));
  server = await startServerProcess(folder);
  const token = server.adminToken ?? "";
  const bytes = buildSif({ seed: 4 });
  await pushRaw(rawLibrary(server.url), {
    token,
    entity: "e",
    collection: "c",
    container: "n",
    bytes,
  });
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Sends 20 000 requests in one write, and resolves when the server has begun to work on them. */
async function flood(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.write(`GET /${FLOOD} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`.repeat(MANY));
  socket.resume();
  await once(socket, "connect");
  await pause(100);
  return socket;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const requestsLogged = () => server.log().split('"msg":"request"').length - 1;

async function lookupMs(): Promise<number> {
  const begun = performance.now();
  const reply = await rawLibrary(server.url).send("GET", LOOKUP);
  expect(reply.status).toBe(200);
  return performance.now() - begun;
}

describe("a client that pipelines 20 000 requests", () => {
  it("does not delay other clients", async () => {
    const flooding = await flood();
    const times: number[] = [];
    for (let index = 0; index < 50; index += 1) times.push(await lookupMs());
    expect(flooding.closed).toBe(false);
    // All 20 000 take half a minute; up to the tenth slowest, the machine may be the cause.
    expect(times.toSorted((a, b) => a - b)[40]).toBeLessThan(100);
    flooding.destroy();
  });

  it("leaves no work behind when it leaves", async () => {
    const flooding = await flood();
    flooding.destroy();
    // Handlers of a disconnected client log nothing, but would keep the server busy.
    expect(await lookupMs()).toBeLessThan(1000);
    await pause(300);
    const handled = requestsLogged();
    await pause(500);
    expect(requestsLogged()).toBe(handled);
  });
});
