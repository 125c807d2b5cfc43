import type { Readable } from "node:stream";

import { CliError } from "./cli-error.js";
import { MAX_TOKEN_LENGTH } from "./options/token.js";

/** Room for a token with white space around it, in bytes. */
const MAX_INPUT_BYTES = 2 * MAX_TOKEN_LENGTH;

/**
 * Everything on a stream, as text; a token is all that is expected.
 *
 * @throws {CliError} `token-not-valid` when there is more than a token can be
 */
export async function readTokenFromStream(stream: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stop = () => stream.destroy(asError(signal.reason));
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stream) {
      const part = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > MAX_INPUT_BYTES) {
        throw new CliError("token-not-valid", `standard input has more than a token`);
      }
      chunks.push(part);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
