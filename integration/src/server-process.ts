import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MAIN = fileURLToPath(new URL("../../packages/server/dist/main.js", import.meta.url));

/** The built server as a separate process, so that it can be killed. */
export interface ServerProcess {
  readonly url: string;
  /** The first admin's token; only at the first start on a data folder. */
  readonly adminToken: string | undefined;
  readonly child: ChildProcess;
  /** Its output to standard output and standard error so far. */
  log(): string;
  /** Kills it with SIGKILL, without a chance to clean up. */
  kill(): Promise<void>;
  /** Stops it with SIGTERM, waits, and returns its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the server on a data folder and a free loopback port, and waits until it listens. */
export async function startServerProcess(
  dataFolder: string,
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  const args = [MAIN, "--data", dataFolder, "--listen", "127.0.0.1:0", ...flags];
  const isFirstStart = !existsSync(join(dataFolder, "catalog.sqlite"));
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const found = new Map<"url" | "token", string>();
  // The token is on standard error, the URL on standard output; either may arrive first.
  const started = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        const url = /"msg":"listening"/.test(line) ? /"url":"([^"]+)"/.exec(line)?.[1] : undefined;
        if (url !== undefined) found.set("url", url);
        const token = /^admin token: (\S+)$/.exec(line)?.[1];
        if (token !== undefined) found.set("token", token);
        if (found.size === (isFirstStart ? 2 : 1)) resolve();
      });
    }
    child.once("exit", (code) =>
      reject(new Error(`the server exited with ${code}:\n${lines.join("\n")}`)),
    );
  });
  const exited = once(child, "exit");
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  await started;
  return {
    url: found.get("url") ?? "",
    adminToken: found.get("token"),
    child,
    log: () => lines.join("\n"),
    kill: () => end("SIGKILL"),
    stop: async () => {
      await end("SIGTERM");
      return child.exitCode;
    },
  };
}

/** Runs an admin command of the built server; returns its standard output. Rejects if it fails. */
export async function runServerCommand(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args]);
  return stdout;
}
