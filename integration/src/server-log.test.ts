import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { pushRaw, rawLibrary } from "./raw-library.js";
import { startServerProcess } from "./server-process.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-log-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Log lines of Fastify and pino. */
function linesOf(log: string): Record<string, unknown>[] {
  return log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

describe("the server's log", () => {
  it("has a line for each request, no warnings in ordinary work, and no secret", async () => {
    const server = await startServerProcess(folder);
    const library = rawLibrary(server.url);
    const token = server.adminToken ?? "";
    const bytes = buildSif({ seed: 77 });
    await pushRaw(library, { token, entity: "e", collection: "c", container: "n", bytes });
    const redirect = await library.send("GET", "v1/imagefile/e/c/n:latest", { token });
    const location = redirect.headers.get("location") ?? "";
    await library.send("GET", location);
    await library.send("HEAD", location);
    await library.send("GET", location, { headers: { range: "bytes=0-9" } });
    await library.send("GET", "v1/search?value=eee", { token });
    await library.send("GET", "v1/rbac/users/current", { token });
    await library.send("GET", "v1/images/no/such/thing:here", { token: "wrong" });
    await server.stop();

    const lines = linesOf(server.log());
    expect(lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
    expect(lines.filter(({ msg }) => msg === "request").length).toBeGreaterThanOrEqual(12);
    const signature = new URL(location).searchParams.get("signature") ?? "no signature";
    expect(server.log().split(`admin token: ${token}`).join("")).not.toContain(token);
    expect(server.log()).not.toContain(signature);
  });
});
