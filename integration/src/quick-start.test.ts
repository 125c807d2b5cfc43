import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ADDRESS = "127.0.0.1:8080";

/** The shell blocks of the README's quick start, in order. */
async function readBlocks(): Promise<readonly string[]> {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const section = /^## Quick start$([\s\S]*?)^## /m.exec(readme)?.[1] ?? "";
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
}

/**
 * A folder with the programs of the built packages, as `npm ci` links them; replaces the first
 * block.
 */
async function linkBins(bin: string): Promise<string> {
  await mkdir(bin);
  for (const name of ["cli", "server"]) {
    const packageFolder = join(ROOT, "packages", name);
    const manifest = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
    for (const [program, path] of Object.entries<string>(manifest.bin)) {
      await symlink(join(packageFolder, path), join(bin, program));
    }
  }
  return bin;
}

/** A port that was free a moment ago: the quick start names one, so the test must, too. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("the quick start of the README", () => {
  let folder: string;
  let server: ChildProcess | undefined;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sifshelf-quick-start-"));
    await mkdir(join(folder, "home"));
    const bin = await linkBins(join(folder, "bin"));
    const path = [bin, process.env["PATH"] ?? ""].join(delimiter);
    env = { PATH: path, HOME: join(folder, "home"), TMPDIR: folder };
  });
  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill("SIGTERM");
      await once(server, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  });

  it("works as described, command by command", async () => {
    const [start = "", login = "", use = "", other = ""] = await readBlocks();
    const address = `127.0.0.1:${await freePort()}`;
    const script = (block: string) =>
      block
        .split("\n")
        .filter((line) => !line.startsWith("npm ") && !line.startsWith("export PATH="))
        .join("\n")
        .replaceAll(ADDRESS, address);
    const image = buildSif({ seed: 8080 });
    await writeFile(join(folder, "image.sif"), image);

    expect(start).toContain("npm ci && npm run build\n");
    // `exec` so that the signal at the end reaches the server, not the shell.
    const command = `exec ${script(start).trim()}`;
    const child = spawn("bash", ["-euc", command], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    server = child;
    child.stderr.resume();
    await listening(child);

    const shell = async (block: string) =>
      (await promisify(execFile)("bash", ["-euc", script(block)], { cwd: folder, env })).stdout;
    expect(await shell(login)).toContain("alice");
    expect(await shell(use)).toContain("alice/images/hello");
    expect((await readFile(join(folder, "copy.sif"))).equals(Buffer.from(image))).toBe(true);

    // Without singularity: the requests of the last command must succeed without a token.
    const ref = /library:\/\/(\S+)/.exec(other)?.[1] ?? "";
    const record = await fetch(`http://${address}/v1/images/${ref}?arch=amd64`);
    expect(record.status).toBe(200);
  });
});

async function listening(
  child: ChildProcess & { readonly stdout: NodeJS.ReadableStream },
): Promise<void> {
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"msg":"listening"')) continue;
    child.stdout.resume();
    return;
  }
  throw new Error(`the server ended with ${child.exitCode}`);
}
