import {
  decode,
  isWireError,
  booleanSchema,
  objectSchema,
  recordSchema,
  stringSchema,
} from "@sifshelf/protocol";
import { open } from "node:fs/promises";
import { join } from "node:path";

import { CliError } from "../errors/cli-error.js";

/** Files of other tools that name a remote, in order of precedence. */
const REMOTE_FILES = [".apptainer/remote.yaml", ".singularity/remote.yaml"] as const;

/** Largest file that is read, in bytes; real files are a few KiB. */
const MAX_FILE_BYTES = 1024 * 1024;

const RemoteFileSchema = objectSchema({
  Active: stringSchema({ default: "" }),
  Remotes: recordSchema(
    objectSchema({
      URI: stringSchema({ default: "" }),
      Token: stringSchema({ default: "" }),
      Insecure: booleanSchema({ default: false }),
    }),
    { default: {} },
  ),
});

/** The active remote of another tool. */
export interface ActiveRemote {
  /** The file that names it. */
  readonly path: string;
  readonly name: string;
  /** Host, optionally with scheme, port and path. */
  readonly uri: string;
  readonly token?: string;
  /** Whether its discovery document is read over plain http. */
  readonly isInsecure: boolean;
}

/**
 * Yields the active remotes of Apptainer and of Singularity, in this order, if any. Each file is
 * read only when it is needed, and never written.
 *
 * @throws {CliError} `remote-not-usable` when a file exists but is not valid
 */
export async function* readActiveRemotes(homeDir: string): AsyncGenerator<ActiveRemote> {
  for (const name of REMOTE_FILES) {
    const remote = await readActiveRemote(join(homeDir, name));
    if (remote !== undefined) yield remote;
  }
}

async function readActiveRemote(path: string): Promise<ActiveRemote | undefined> {
  const text = await readBounded(path);
  if (text === undefined) return undefined;
  const { Active, Remotes } = decodeRemoteFile(path, await parseYaml(path, text));
  const remote = Object.hasOwn(Remotes, Active) ? Remotes[Active] : undefined;
  if (remote === undefined || remote.URI === "") return undefined;
  return {
    path,
    name: Active,
    uri: remote.URI,
    isInsecure: remote.Insecure,
    ...(remote.Token === "" ? {} : { token: remote.Token }),
  };
}

async function readBounded(path: string): Promise<string | undefined> {
  const file = await open(path, "r").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw notUsable(path, error instanceof Error ? error.message : "unknown fault", error);
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw notUsable(path, "it is not a file");
    if (stats.size > MAX_FILE_BYTES) throw notUsable(path, `it is over ${MAX_FILE_BYTES} bytes`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function parseYaml(path: string, text: string): Promise<unknown> {
  const { parse } = await import("./yaml-parser.js");
  try {
    return parse(text, { logLevel: "silent" });
  } catch (error) {
    // The parser's message quotes the invalid line, which may contain the token.
    throw notUsable(path, "it is not valid YAML", error);
  }
}

function decodeRemoteFile(path: string, value: unknown) {
  try {
    return decode(RemoteFileSchema, value ?? {}, "remote file");
  } catch (error) {
    if (!isWireError(error)) throw error;
    throw notUsable(path, error.message, error);
  }
}

function notUsable(path: string, problem: string, cause?: unknown): CliError {
  return new CliError("remote-not-usable", `cannot use the remotes of ${path}: ${problem}`, {
    cause,
    next: "name the library with --library or SIFSHELF_LIBRARY",
  });
}
