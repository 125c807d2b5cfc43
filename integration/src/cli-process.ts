import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../packages/cli/bin/sifshelf.js", import.meta.url));

/** A user of the built `sifshelf`, with a separate home and working folder. */
export interface CliUser {
  /** Where commands run. */
  readonly folder: string;
  readonly home: string;
  /** Added to the environment of every command, which contains nothing else of ours. */
  readonly env: Record<string, string>;
  /** Runs `sifshelf` to its end. */
  run(args: readonly string[], options?: CliRunOptions): Promise<CliResult>;
  /** Starts `sifshelf`; standard output and standard error are pipes. */
  start(args: readonly string[]): ChildProcess;
  remove(): Promise<void>;
}

export interface CliRunOptions {
  readonly stdin?: string;
}

/** Outcome of a command. */
export interface CliResult {
  /** Exit code, or the name of the signal that ended it. */
  readonly exit: number | string;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Standard output as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into results of many shapes
  readonly json: any;
}

/**
 * Creates a user without any configuration, for the command line with the start file `bin`
 * (default: the built one).
 */
export async function createCliUser(bin: string = BIN): Promise<CliUser> {
  const root = await mkdtemp(join(tmpdir(), "sifshelf-user-"));
  const folder = join(root, "work");
  const home = join(root, "home");
  await mkdir(folder);
  await mkdir(home);
  const env: Record<string, string> = {};
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [bin, ...args], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: home, TMPDIR: root, ...env },
      stdio: "pipe",
    });
  return {
    folder,
    home,
    env,
    start,
    run: (args, options) => finish(start(args), options),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Returns the outcome of a started command once it has ended. */
export async function finish(
  child: ChildProcess,
  { stdin = "" }: CliRunOptions = {},
): Promise<CliResult> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin?.on("error", () => {}).end(stdin);
  const exit = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  const stdout = Buffer.concat(out);
  return {
    exit,
    stdout,
    stderr: Buffer.concat(err).toString("utf8"),
    get json() {
      return JSON.parse(stdout.toString("utf8"));
    },
  };
}
