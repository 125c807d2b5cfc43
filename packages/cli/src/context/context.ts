import { endianness, homedir, tmpdir } from "node:os";
import type { Readable, Writable } from "node:stream";

import type { GetFunction } from "@sifshelf/client/node";

import { machineArch } from "./machine-arch.js";
import { createTerminalPrompts, type Prompts } from "./prompts.js";

/** Where output goes; a terminal says so. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Where input comes from; a terminal says so. */
export type InputStream = Readable & { readonly isTTY?: boolean };

/**
 * Everything a command takes from its surroundings. Nothing else reads `process`, the environment
 * or the home directory, so a test can run any command in its own process.
 */
export interface CliContext {
  /** Version of `sifshelf`. */
  readonly version: string;
  readonly stdin: InputStream;
  /** Receives results only. */
  readonly stdout: OutputStream;
  /** Receives progress, notes and errors. */
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string;
  /** Folder for files that no name is known for yet. */
  readonly tempDir: string;
  /** Go name of this machine's arch. */
  readonly arch: string;
  /** Gets the discovery documents of remotes, where neither a proxy nor certificates are named. */
  readonly fetch: GetFunction;
  /** Milliseconds on a clock that never goes back. */
  readonly nowMs: () => number;
  /** Aborts on SIGINT and SIGTERM; the reason is an `Interruption`. */
  readonly signal: AbortSignal;
  readonly prompts: Prompts;
}

/**
 * The context of the running process.
 *
 * @param version of `sifshelf`
 * @param signal aborts the command; its reason is an `Interruption`
 */
export function createProcessContext(version: string, signal: AbortSignal): CliContext {
  return {
    version,
    // Getters: making a stream of standard input takes time, and most commands do not read it.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    homeDir: homedir(),
    tempDir: tmpdir(),
    arch: machineArch(process.arch, endianness()),
    fetch: globalThis.fetch,
    nowMs: () => performance.now(),
    signal,
    get prompts() {
      return createTerminalPrompts(process.stdin, process.stderr, signal);
    },
  };
}
