import type { Writable } from "node:stream";

import { CliError } from "../errors/cli-error.js";

/**
 * Writes to a stream and waits until the bytes are written.
 *
 * @throws {CliError} `output-closed` when the reading end of a pipe is gone
 */
export async function write(stream: Writable, chunk: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(chunk, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(asOutputError(error));
    });
  });
}

function asOutputError(error: Error): Error {
  const code = "code" in error ? error.code : undefined;
  if (code !== "EPIPE" && code !== "ERR_STREAM_DESTROYED") return error;
  return new CliError("output-closed", "cannot write the output: its reader is gone", {
    cause: error,
  });
}
