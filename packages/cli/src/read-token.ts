import type { Readable } from "node:stream";

import { CliError } from "./cli-error.js";
import { MAX_TOKEN_LENGTH } from "./options/token.js";
import { readStream } from "./read-stream.js";

/** Room for a token with white space around it, in bytes. */
const MAX_INPUT_BYTES = 2 * MAX_TOKEN_LENGTH;

/**
 * Everything on a stream, as text; a token is all that is expected.
 *
 * @throws {CliError} `token-not-valid` when there is more than a token can be
 */
export async function readTokenFromStream(stream: Readable, signal: AbortSignal): Promise<string> {
  const bytes = await readStream(stream, MAX_INPUT_BYTES, signal);
  if (bytes !== undefined) return bytes.toString("utf8");
  throw new CliError("token-not-valid", "standard input has more than a token");
}
