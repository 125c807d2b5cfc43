import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SERVER = fileURLToPath(new URL("../../packages/server/dist/main.js", import.meta.url));
const STARTUP_TIMEOUT_MS = 60_000;
const KEPT_LOG_BYTES = 64 * 1024;

/** Our server in a separate process, with a temporary data folder, on a free loopback port. */
export interface RunningLibrary {
  /** Origin without a trailing slash. */
  readonly url: string;
  /** The token that the first start printed. */
  readonly adminToken: string;
  /** Adds a user and returns a token with the `write` scope. */
  readonly addUser: (name: string) => Promise<string>;
  /**
   * Stops the server with SIGTERM, removes its data folder, and rejects if its exit code is not 0.
   */
  readonly stop: () => Promise<void>;
}

/** Starts the built server; `settings` are added to its command line. */
export async function startLibrary(settings: readonly string[] = []): Promise<RunningLibrary> {
  const data = await mkdtemp(join(tmpdir(), "sifshelf-interop-data-"));
  const server = spawn(
    process.execPath,
    [SERVER, "--data", data, "--listen", "127.0.0.1:0", ...settings],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  try {
    const { url, adminToken } = await started(server);
    return {
      url,
      adminToken,
      addUser: async (name) => await addUser(data, name),
      stop: async () => {
        await stopped(server);
        await rm(data, { recursive: true, force: true });
      },
    };
  } catch (error) {
    server.kill("SIGKILL");
    await rm(data, { recursive: true, force: true });
    throw error;
  }
}

async function started(server: ChildProcess): Promise<{ url: string; adminToken: string }> {
  const { stdout, stderr } = server;
  if (stdout === null || stderr === null) throw new Error("the server has no output");
  let said = "";
  for (const stream of [stdout, stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-KEPT_LOG_BYTES);
    });
  }
  const ended = new AbortController();
  server.once("exit", (code, signal) => {
    ended.abort(new Error(`the server ended with ${code ?? signal}, saying:\n${said}`));
  });
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(STARTUP_TIMEOUT_MS)]);
  const [url, adminToken] = await Promise.all([
    firstMatch(stdout, signal, listeningUrl),
    firstMatch(stderr, signal, (line) => /^admin token: (\S+)$/.exec(line)?.[1]),
  ]);
  return { url, adminToken };
}

function listeningUrl(line: string): string | undefined {
  const event: { readonly msg?: unknown; readonly url?: unknown } = JSON.parse(line);
  return event.msg === "listening" && typeof event.url === "string" ? event.url : undefined;
}

/** Returns the match in the first line that matches; keeps draining the stream to its end. */
async function firstMatch(
  stream: NodeJS.ReadableStream,
  signal: AbortSignal,
  match: (line: string) => string | undefined,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    const lines = createInterface({ input: stream });
    const look = (line: string): void => {
      try {
        const found = match(line);
        if (found === undefined) return;
        resolve(found);
      } catch (error) {
        reject(new Error(`the server printed ${line}`, { cause: error }));
      }
      lines.off("line", look);
    };
    lines.on("line", look);
  });
}

async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const exit = once(server, "exit");
    server.kill("SIGTERM");
    await exit;
  }
  if (server.exitCode !== 0) {
    throw new Error(`the server ended with ${server.exitCode ?? server.signalCode}`);
  }
}

async function addUser(data: string, name: string): Promise<string> {
  await administer(["user", "add", "--data", data, name]);
  const create = ["token", "create", "--data", data, name, "--scope", "write", "--json"];
  const made: { readonly token?: unknown } = JSON.parse(await administer(create));
  if (typeof made.token !== "string") throw new Error("token create printed no token");
  return made.token;
}

async function administer(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SERVER, ...args]);
  return stdout;
}
