import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A server in a separate process. */
export interface StartedProcess {
  /** Origin without a trailing slash. */
  readonly url: string;
  /** Stops it and waits until it has ended. */
  readonly stop: () => Promise<void>;
}

/** Starts a Node program that prints a JSON object with its `url` once it listens. */
export async function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<StartedProcess> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = () => endProcess(child);
  try {
    return { url: await urlOf(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function urlOf(child: ChildProcess): Promise<string> {
  const input = child.stdout;
  if (input === null) throw new Error("the process has no standard output");
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the process exited with ${code}`)));
    // Keep draining stdout: a full pipe would block the server.
    createInterface({ input }).on("line", (line) => {
      const url = /"url":"([^"]+)"/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}
