import type { Readable } from "node:stream";

import { CliError } from "../errors/cli-error.js";
import { readStream } from "../files/read-stream.js";

/** Longest token; the same as other clients accept. */
export const MAX_TOKEN_LENGTH = 4096;

/** Visible ASCII, as an HTTP header can carry it. */
const TOKEN_FORM = /^[\x21-\x7e]+$/;

/**
 * A token as it was given, without surrounding white space. The text never appears in the error.
 *
 * @param origin where the token came from, for the message
 * @throws {CliError} `token-not-valid`
 */
export function parseToken(text: string, origin: string): string {
  const token = text.trim();
  if (token === "") throw new CliError("token-not-valid", `the token from ${origin} is empty`);
  if (token.length > MAX_TOKEN_LENGTH) {
    const limit = `${MAX_TOKEN_LENGTH} characters`;
    throw new CliError("token-not-valid", `the token from ${origin} is longer than ${limit}`);
  }
  if (TOKEN_FORM.test(token)) return token;
  throw new CliError(
    "token-not-valid",
    `the token from ${origin} has white space or characters that no token has`,
  );
}

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
