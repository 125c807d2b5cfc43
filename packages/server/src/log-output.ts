import { writeSync } from "node:fs";

import type { DestinationStream } from "pino";

/** How long lines wait for others to be written with them, in milliseconds. */
const FLUSH_MS = 10;

/** Lines that wait are written at once beyond this many characters. */
const MAX_WAITING = 64 * 1024;

/** How long to wait before writing again to a pipe that is full, in milliseconds. */
const FULL_PIPE_MS = 10;

/** Faults end up in the log without delay: what follows may be the end of the process. */
const URGENT = /^\{"level":"(?:error|fatal)"/;

let output: DestinationStream | undefined;

/** The process's standard output as a destination of log lines. */
export function standardOutput(): DestinationStream {
  return (output ??= logOutput(1));
}

/**
 * A destination that gathers lines for up to 10 ms and writes them together, because a system call
 * per line costs more than the line. Errors are written at once, and everything at the process's
 * exit; only a killed process can lose what it logged in its last 10 ms.
 *
 * A full pipe blocks the process until its reader has read. Lines that cannot be written, because
 * the disk is full or the reader gone, are dropped: the library goes on without its log.
 */
export function logOutput(fd: number): DestinationStream {
  let waiting = "";
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const text = waiting;
    waiting = "";
    writeAll(fd, text);
  };
  process.on("exit", flush);
  return {
    write(line) {
      waiting += line;
      if (waiting.length > MAX_WAITING || URGENT.test(line)) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
  };
}

function writeAll(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!isPipeFull(error)) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    }
  }
}

function isPipeFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
