import { endianness, homedir, tmpdir } from "node:os";
import type { Readable, Writable } from "node:stream";

import type { GetFunction } from "@sifshelf/client/node";

import { machineArch } from "./machine-arch.js";
import { createTerminalPrompts, type Prompts } from "./prompts.js";

/** An output stream, which may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** An input stream, which may be a terminal. */
export type InputStream = Readable & { readonly isTTY?: boolean };

/**
 * Everything a command takes from its environment. Nothing else reads `process`, environment
 * variables or the home directory, so that a test can run any command in its own process.
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
  /** Folder for temporary files. */
  readonly tempDir: string;
  /** Go name of this machine's arch. */
  readonly arch: string;
  /**
   * Fetches the discovery documents of remotes if neither a proxy nor certificates are configured.
   */
  readonly fetch: GetFunction;
  /** Milliseconds on a monotonic clock. */
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
    // Getters: creating the stream of standard input takes time, and most commands do not read it.
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
