import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Paths of the Go programs that measure or are measured. */
export interface BenchPrograms {
  /** Runs a program and reports its time and memory. */
  readonly measure: string;
  /** Receives bytes and discards them. */
  readonly sink: string;
  /** Sends an upload in parts and hashes nothing. */
  readonly upload: string;
  /** A link with delay and loss between two TUN devices. */
  readonly link: string;
  /** The published Go client. */
  readonly goClient: string;
}

const OURS = fileURLToPath(new URL("../../go", import.meta.url));
const CLIENT = fileURLToPath(new URL("../../../interop/go/client-1.4", import.meta.url));
const CLIENT_MODULE = "github.com/sylabs/scs-library-client";

/** Builds the Go programs into a folder. */
export async function buildPrograms(folder: string, signal: AbortSignal): Promise<BenchPrograms> {
  const build = async (name: string, cwd: string, target: string): Promise<string> => {
    const program = join(folder, name);
    await promisify(execFile)("go", ["build", "-o", program, target], { cwd, signal });
    return program;
  };
  return {
    measure: await build("measure", OURS, "./measure"),
    sink: await build("sink", OURS, "./sink"),
    upload: await build("upload", OURS, "./upload"),
    link: await build("link", OURS, "./link"),
    goClient: await build("go-client", CLIENT, "."),
  };
}

/** Returns the versions of all measured programs; "absent" for those that are not installed. */
export async function peerVersions(): Promise<Record<string, string>> {
  const goClient = ["list", "-m", "-f", "{{.Version}}", CLIENT_MODULE];
  return {
    "Go client": await firstLine("go", goClient, CLIENT),
    curl: word(await firstLine("curl", ["--version"]), 1),
    aria2c: word(await firstLine("aria2c", ["--version"]), 2),
    nginx: word(await firstLine("nginx", ["-v"]), 2),
  };
}

/** Whether a program is installed. */
export async function hasProgram(command: string, versionFlag = "--version"): Promise<boolean> {
  return (await firstLine(command, [versionFlag])) !== ABSENT;
}

const ABSENT = "absent";

async function firstLine(command: string, args: readonly string[], cwd?: string): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd });
    return `${stdout}${stderr}`.split("\n")[0]?.trim() ?? "";
  } catch {
    return ABSENT;
  }
}

function word(line: string, index: number): string {
  return line === ABSENT ? line : (line.split(" ")[index] ?? line);
}
