import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MIB = 1024 * 1024;
const SIZE = 600 * MIB;

/** What a process needs that holds none of the image, with room for delayed garbage collection. */
const MOST_RSS = 200 * MIB;
/** The same where memory is reused, so that there is no garbage. */
const MOST_RSS_REUSED = 150 * MIB;

const dist = (name: string) => JSON.stringify(new URL(`../dist/${name}`, import.meta.url).href);

/**
 * A library that discards the bytes, in its own process, so that only the client's memory is
 * measured.
 */
const SINK = `
import { createServer } from "node:http";
const reply = (response, data) => response.end(JSON.stringify({ data }));
const server = createServer((request, response) => {
  let bytes = 0;
  request.on("data", (chunk) => (bytes += chunk.length));
  request.on("end", () => {
    if (request.url === "/version") return reply(response, { apiVersion: process.argv[1] });
    if (bytes > 1_000_000) process.stdout.write(String(bytes) + " " + request.headers["content-length"] + "\\n");
    if (request.method === "POST" && request.url.startsWith("/v2/imagefile")) {
      if (request.url.endsWith("_multipart")) return response.writeHead(404).end();
      return reply(response, { uploadURL: "http://127.0.0.1:" + server.address().port + "/uploads/a" });
    }
    reply(response, { id: "a", quota: null });
  });
});
server.requestTimeout = 0;
server.listen(0, "127.0.0.1", () => process.stdout.write(server.address().port + "\\n"));
process.stdin.on("end", () => process.exit()).resume();
`;

const PUSH = `
import { open, readFile, truncate } from "node:fs/promises";
import { LibraryClient } from ${dist("index.js")};
import { openFileSource } from ${dist("node/index.js")};
const [path, baseUrl, useFetch] = process.argv.slice(1);
await (await open(path, "w")).close();
await truncate(path, ${SIZE});
const source = await openFileSource(path);
const client = new LibraryClient({ baseUrl, ...(useFetch === "fetch" ? { fetch } : {}) });
const { uploaded } = await client.uploadImage(source, "e/c/n", { arch: "amd64", tags: [] });
await source.close();
// On Linux, getrusage includes the peak of the parent; the peak in /proc starts over with each
// program.
const status = await readFile("/proc/self/status", "utf8").catch(() => "");
const [, peak = process.resourceUsage().maxRSS] = /^VmHWM:\\s+(\\d+) kB/m.exec(status) ?? [];
process.stdout.write(JSON.stringify({ uploaded, rss: Number(peak) * 1024 }) + "\\n");
`;

/** A library that has an image of zeros, in ranges, in its own process. */
const SOURCE = `
import { createHash } from "node:crypto";
import { createServer } from "node:http";
const zeros = Buffer.alloc(${MIB});
const sum = createHash("sha256");
for (let done = 0; done < ${SIZE}; done += zeros.length) sum.update(zeros);
const image = { id: "a", hash: "sha256." + sum.digest("hex"), size: ${SIZE}, uploaded: true };
const server = createServer((request, response) => {
  const [, first, last] = /bytes=(\\d+)-(\\d+)/.exec(request.headers.range ?? "") ?? [];
  if (request.url.startsWith("/v1/images")) return response.end(JSON.stringify({ data: image }));
  if (first === undefined) return response.writeHead(303, { location: "/bytes" }).end();
  let left = last - first + 1;
  const range = "bytes " + first + "-" + last + "/${SIZE}";
  response.writeHead(206, { "content-range": range, "content-length": left });
  const more = () => {
    while (left > 0) {
      const chunk = zeros.subarray(0, left);
      left -= chunk.length;
      if (!response.write(chunk)) return response.once("drain", more);
    }
    response.end();
  };
  more();
});
server.listen(0, "127.0.0.1", () => process.stdout.write(server.address().port + "\\n"));
process.stdin.on("end", () => process.exit()).resume();
`;

const PULL = `
import { readFile } from "node:fs/promises";
import { LibraryClient } from ${dist("index.js")};
import { pullToFile } from ${dist("node/index.js")};
const [path, baseUrl] = process.argv.slice(1);
const client = new LibraryClient({ baseUrl });
const { sizeBytes } = await pullToFile(client, { ref: "e/c/n", path }, { concurrency: 16 });
const status = await readFile("/proc/self/status", "utf8").catch(() => "");
const [, peak = process.resourceUsage().maxRSS] = /^VmHWM:\\s+(\\d+) kB/m.exec(status) ?? [];
process.stdout.write(JSON.stringify({ sizeBytes, rss: Number(peak) * 1024 }) + "\\n");
`;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-memory-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function run(script: string, ...args: string[]) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, ...args], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) (waiting.shift() ?? ((each: string) => void lines.push(each)))(line);
  });
  const line = () =>
    new Promise<string>((resolve, reject) => {
      const ready = lines.shift();
      if (ready !== undefined) resolve(ready);
      else waiting.push(resolve);
      child.once("exit", (code) => reject(new Error(`the process ended with ${code}`)));
    });
  return { child, line };
}

describe("uploadImage of a large file", () => {
  describe("when it is sent in one request", () => {
    it.each([
      ["node:http, v2 single", "node", "2.0.0-alpha.2", MOST_RSS_REUSED],
      ["global fetch, v2 single", "fetch", "2.0.0-alpha.2", MOST_RSS],
    ])("keeps memory flat: %s", { timeout: 120_000 }, async (_, transport, apiVersion, most) => {
      const sink = run(SINK, apiVersion);
      try {
        const baseUrl = `http://127.0.0.1:${await sink.line()}`;
        const push = run(PUSH, join(folder, "sparse.sif"), baseUrl, transport);
        const { uploaded, rss } = JSON.parse(await push.line());
        expect(uploaded).toBe(true);
        expect(await sink.line()).toBe(`${SIZE} ${SIZE}`);
        expect(rss).toBeLessThan(most);
      } finally {
        sink.child.stdin.end();
      }
    });
  });
});

describe("pullToFile of a large image", () => {
  it("keeps memory flat", { timeout: 120_000 }, async () => {
    const source = run(SOURCE);
    try {
      const baseUrl = `http://127.0.0.1:${await source.line()}`;
      const pull = run(PULL, join(folder, "pulled.sif"), baseUrl);
      const { sizeBytes, rss } = JSON.parse(await pull.line());
      expect(sizeBytes).toBe(SIZE);
      expect(rss).toBeLessThan(MOST_RSS_REUSED);
    } finally {
      source.child.stdin.end();
    }
  });
});
