import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { benchEnvironment } from "./measured-run.js";

const SERVER = fileURLToPath(new URL("../../../packages/server/dist/main.js", import.meta.url));

/** Our library in a separate process. */
export interface BenchLibrary {
  /** Origin without a trailing slash. */
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** Stops it and removes its data. */
  readonly stop: () => Promise<void>;
}

/** Data folder, address and command prefix of a library. */
export interface LibraryPlace {
  /** Created, and removed in the end. */
  readonly data: string;
  readonly host: string;
  readonly prefix: readonly string[];
  readonly home: string;
}

/** Starts the built server with its default settings. */
export async function startBenchLibrary(place: LibraryPlace): Promise<BenchLibrary> {
  const { data, host, prefix, home } = place;
  const line = [...prefix, process.execPath, SERVER, "--data", data, "--listen", `${host}:0`];
  const [command = "", ...args] = line;
  const env = benchEnvironment(home);
  const server = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const stop = async (): Promise<void> => {
    await endProcess(server);
    await rm(data, { recursive: true, force: true });
  };
  try {
    const [url, token] = await Promise.all([
      firstMatch(server, "stdout", /"url":"([^"]+)".*"msg":"listening"/),
      firstMatch(server, "stderr", /^admin token: (\S+)$/),
    ]);
    return { url, token, pid: server.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends a process with SIGTERM and waits for its end. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

/** Returns the first group of the first matching line; discards all output after it. */
async function firstMatch(
  server: ChildProcess,
  name: "stdout" | "stderr",
  pattern: RegExp,
): Promise<string> {
  const input = server[name];
  if (input === null) throw new Error(`the server has no ${name}`);
  return await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`the server exited with ${code}`)));
    createInterface({ input }).on("line", (line) => {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
}
